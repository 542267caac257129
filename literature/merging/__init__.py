"""Two records of one work become one: whatever cites the one that goes, cites the one that stays."""
