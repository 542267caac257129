"""What values mean: `normalise_…` mends for importers and says how, `validate_…` refuses at every other door."""
