"""What case studies can be filtered by: the terms that their fields declare, and those of what is in them."""

from __future__ import annotations

from casestudies.fields import CASE_FIELDS
from failure_lessons.library.filters import SlugTermFilter, declare_filter

CaseStudyFilter = declare_filter(
    "CaseStudyFilter",
    CASE_FIELDS,
    "sector failure_type intervention theme organisation",
    intervention=SlugTermFilter(term="intervention", label="What was done"),
    theme=SlugTermFilter(term="theme", label="Theme", kind="theme"),
    organisation=SlugTermFilter(term="organisation", label="Organisation", kind="organisation", most=12),
)
