"""Every format in which editions leave, and file responses."""
