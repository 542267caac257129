"""Publishing: the library of editions, and the only code that writes it."""
