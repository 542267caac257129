"""Confidence by GRADE-CERQual: independent raters first, then what two people agree on. Nothing is ever added up."""
