"""The public pages. Each view loads editions, resolves them, and hands them to a template."""
