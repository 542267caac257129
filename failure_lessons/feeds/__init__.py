"""What changed: the change list, Atom feeds, OAI-PMH."""
