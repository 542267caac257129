"""Themes made one of two, or two of one, with everything that carries them."""
