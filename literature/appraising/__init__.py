"""Appraising included studies with published checklists: answers as rows, the judgement chosen by a person."""
