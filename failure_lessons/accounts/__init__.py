"""People who work in the repository."""
