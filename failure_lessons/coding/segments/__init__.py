"""Quotations and what they are coded with, as pages of the workbench."""
