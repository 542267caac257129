"""Two records of one thing become one: whatever pointed to the one that goes, points to the one that stays."""
