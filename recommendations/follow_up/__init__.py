"""What became of recommendations: asked of whom, what they said and did, what others and we judge."""
