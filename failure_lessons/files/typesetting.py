"""Typst, which sets PDFs and draws pictures: one compiler for the process, which knows the fonts of the machine."""

import typst

COMPILER = typst.Compiler()
