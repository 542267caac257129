"""Who changed what in the workbench, when and why; written by the database, undone by services."""
