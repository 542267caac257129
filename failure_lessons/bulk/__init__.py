"""Any list of the workbench as a spreadsheet: out, edited in Excel, and back in with a preview of every change."""
