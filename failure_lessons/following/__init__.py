"""Following the library: what changed, as data, as a page and as feeds."""
