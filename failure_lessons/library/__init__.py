"""Reading the library: filters, list queries, search, what editions rest on, the evidence map."""
