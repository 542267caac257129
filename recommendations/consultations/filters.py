"""What rounds can be filtered by."""

from __future__ import annotations

from failure_lessons.library.filters import declare_filter
from recommendations.consultations.fields import ROUND_DERIVED, ROUND_FIELDS

RoundFilter = declare_filter("RoundFilter", (*ROUND_FIELDS, *ROUND_DERIVED), "state method anonymity sector")
