"""GRADE-CERQual for any statement: rating, agreeing, Cohen's kappa."""
