"""Glossary terms are explained where they first occur, and nowhere that they should not be."""

import re

import pytest

from failure_lessons.library.glossary import Glossary
from failure_lessons.pages.templatetags.evidence import prose

TERMS = [
    ("special-measures", "Special measures", "A status."),
    ("engage", "Engage", "A stage."),
    ("peel", "PEEL", "Rounds."),
    ("turnaround", "Turnaround", "The process."),
    ("academy-trust", "Academy trust", "A charity."),
    ("trust", "Trust", "A body."),
    ("exit-criteria", "Exit criteria", "Tests “of” <leaving>."),
]


def shown(*texts, codes=None, references=None):
    """Texts of one page as HTML."""
    context = {"glossary": Glossary(TERMS), "codes": codes or {}, "references": references or {}}
    return [prose(context, text) for text in texts]


def linked(*texts):
    return [re.findall(r'href="/glossary/([^/]+)/', html) for html in shown(*texts)]


def test_the_first_occurrence_on_a_page_is_linked_and_no_other():
    assert linked("In special measures. Special measures ended.", "Special measures again.") == [
        ["special-measures"],
        [],
    ]


def test_the_longest_term_wins_and_plurals_count():
    assert linked("Two academy trusts and a trust.") == [["academy-trust", "trust"]]


def test_one_word_in_lower_case_has_to_be_a_noun():
    assert linked("They engage staff and want to engage.") == [[]]
    assert linked("The force moved to Engage. A turnaround began.") == [["engage", "turnaround"]]


def test_abbreviations_are_matched_as_written():
    assert linked("They peel an orange.", "The PEEL round.") == [[], ["peel"]]


@pytest.mark.parametrize(
    "text",
    [
        "> In special measures.",
        "`special measures`",
        "[special measures](https://example.org)",
        "### Special measures",
        "He said “the special measures of old”.",
        'He said "special measures".',
        "So-called ‘special measures’.",
        "non-special measures-like",
        "**“Under** special measures”",
    ],
)
def test_quotations_codes_links_and_headings_are_left_alone(text):
    assert linked(text) == [[]]


def test_after_a_quotation_a_term_is_explained():
    assert linked("He said “special measures”. The school's special measures ended.") == [["special-measures"]]


def test_the_explanation_is_escaped():
    assert 'title="Tests “of” &lt;leaving&gt;."' in shown("The exit criteria.")[0]


def test_text_without_terms_is_unchanged():
    assert shown("Nothing *here* & there.") == ["<p>Nothing <em>here</em> &amp; there.</p>\n"]
