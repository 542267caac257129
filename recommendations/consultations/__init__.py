"""Consultation rounds: people of the three sectors rate and discuss what was recommended, by rules fixed beforehand."""
