"""What each source of a case supports."""

from casestudies.supports import Support, by_reference

CASE = {
    "summary": "It failed [ref: report].",
    "phases": {"outcome": "It ended."},
    "text_sources": {"outcome": [{"ref": "news"}]},
    "events": [{"title": "A riot", "sources": [{"ref": "report"}, {"ref": "report", "locator": "p. 2"}]}],
    "interventions": [{"title": "A visit", "description": "As told [ref: news].", "sources": []}],
    "indicators": [
        {
            "name": "Assaults",
            "sources": [{"ref": "report"}],
            "values": [{"period": "1", "value": 1, "note": "From [ref: note]"}],
        }
    ],
    "quotes": [{"text": "Bad", "ref": "news", "speaker_role": "Inspector"}],
    "findings": [{"code": "X1-F1", "sources": [{"ref": "report"}]}],
}


def test_every_part_that_cites_a_source_is_named_once_in_the_order_of_the_page():
    found = by_reference(CASE)
    assert found["report"] == [
        Support("Text", "Summary", "summary"),
        Support("Event", "A riot", "timeline"),
        Support("Indicator", "Assaults", "indicator-1"),
        Support("Finding", "X1-F1", "finding-x1-f1"),
    ]
    assert [support.part for support in found["news"]] == ["Text", "Intervention", "Quotation"]
    assert found["note"] == [Support("Indicator", "Assaults", "indicator-1")]


def test_a_case_of_nothing_supports_nothing():
    assert by_reference({}) == {}


def test_no_source_of_a_shipped_case_is_left_without_a_use(shipped):
    for case in shipped.members["case-studies"]:
        found = by_reference(case)
        for part in ("events", "interventions", "indicators"):
            for item in case[part]:
                for source in item["sources"]:
                    name = item.get("title") or item["name"]
                    assert name in [support.name for support in found[source["ref"]]]
