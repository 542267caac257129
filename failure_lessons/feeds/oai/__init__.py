"""OAI-PMH 2.0: the library for harvesters."""
