"""What references, findings and reviews can be filtered by: the terms that their fields declare, and a few more."""

from __future__ import annotations

from failure_lessons.library.filters import SlugTermFilter, TermFilter, YearFilter, declare_filter
from failure_lessons.vocabularies.choices import PartOf
from literature.fields import FINDING_DERIVED, FINDING_FIELDS, REFERENCE_FIELDS
from literature.review_fields import REVIEW_FIELDS

ReferenceFilter = declare_filter(
    "ReferenceFilter",
    REFERENCE_FIELDS,
    year_from=YearFilter(until=False, label="Published in or after"),
    year_to=YearFilter(until=True, label="Published in or before"),
)
FindingFilter = declare_filter(
    "FindingFilter",
    (*FINDING_FIELDS, *FINDING_DERIVED),
    "phase theme sector failure_type confidence part_of case",
    failure_type=SlugTermFilter(term="failure-type", label="What failed"),
    part_of=TermFilter(PartOf, term="part-of", label="Found by"),
    case=SlugTermFilter(term="case", label="Case study", kind="case-study", most=40),
)
LiteratureReviewFilter = declare_filter("LiteratureReviewFilter", REVIEW_FIELDS, "sector review_type")
