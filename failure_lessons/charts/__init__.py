"""Pictures as server-rendered SVG: pure functions from a document to what a template draws.

Each picture is one value that carries its shapes and its rows, so that the table beside it cannot say anything else.
"""
