"""Partners: their tokens and quotas, and the drafts that they send into the workbench."""
