"""Rows copied from a spreadsheet into a case study: read, shown as understood, added all at once."""
