"""Controlled terms: choices, themes, SKOS."""
