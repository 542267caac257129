"""The whole repository at a revision, as files to take away. Built by a worker, served as they lie."""
