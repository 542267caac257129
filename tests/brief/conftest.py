"""Briefs that several tests read."""

THREE = "title=Before+winter&note=For+Tuesday.&r=R4.1&r=LS1.1&r=E1-F3.1"
FIVE = f"{THREE}&r=case-studies/hmp-birmingham.1&r=literature/failing-schools-and-colleges.1"
