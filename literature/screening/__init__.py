"""Screening by two: each decides without the other; what they agree on, or settle, is the decision that counts."""
