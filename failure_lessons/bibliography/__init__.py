"""How references are named and cited in running text."""
