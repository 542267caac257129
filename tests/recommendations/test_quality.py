"""What good practice asks of recommendations, on a fixed set of good and bad examples.

Each example is one good recommendation with some of its words changed, and the checks that should speak.
"""

import copy

import pytest

from recommendations.phrases import gerund_of
from recommendations.quality import RULES, check_recommendation

GOOD = {
    "code": "T1",
    "title": "Publish exit tests",
    "statement": "NHS England should publish the tests that each trust in intensive support has to pass to leave it.",
    "rationale": "Trusts left support on promises, and some failed again within two years; nobody could say what had "
    "been tested when they left, so patients were exposed to the same harm twice.",
    "actions": ["Write tests for each cause of concern.", "Test on site before exit."],
    "failure_types": ["quality"],
    "owner": "NHS England national oversight lead, or successor role",
    "timescale": {"label": "within 12 months", "months": 12},
    "measures": ["Share of exits with published tests."],
    "resources": "Staff time of two posts.",
    "conditions": "Causes of concern have been diagnosed.",
    "counter_evidence": "One trust recovered without tests (E1-F3).",
    "strength": "strong",
    "confidence": "moderate",
    "wording": "should",
    "action_kind": "policy-change",
    "derived": {"themes": ["exit"]},
}
LOWER = {"confidence": "low", "strength": "consider", "wording": "consider"}


def statement(text, **more):
    return {"statement": text, **more}


def consider(text):
    return {"statement": text, **LOWER}


TRAINING = {
    "statement": "Trust boards should provide training in speaking up for all staff.",
    "actions": ["Run workshops each year.", "Issue a reminder to managers."],
}
EXAMPLES = {
    # good ones: nothing is said
    "the good one": ({}, set()),
    "a post as owner": ({"owner": "Trust board, through a named executive director"}, set()),
    "a department with two fields": ({"owner": "Department of Health and Social Care"}, set()),
    "an owner with a helper": ({"owner": "NHS England regional director, with the chair of the trust"}, set()),
    "nouns joined by and": (statement("Boards should publish the cost and length of each review."), set()),
    "what a noun phrase lists": (
        statement("The Commission should commission an audit of staffing, finance and support for patients."),
        set(),
    ),
    "verbs in a relative clause": (
        statement("Trusts should run one route for concerns that gives an answer and reports themes."),
        set(),
    ),
    "verbs of a purpose": (statement("The board should appoint a lead to collect concerns and publish them."), set()),
    "a modal in a relative clause": (statement("NHS England should set out who should act and by when."), set()),
    "careful words on thin evidence": (consider("Boards are asked to consider publishing exit tests."), set()),
    "should consider": (consider("Boards should consider publishing their exit tests."), set()),
    "must on high confidence": (
        statement("NHS England must publish the tests of each exit.", wording="must", confidence="high"),
        set(),
    ),
    "an occasion instead of a date": ({"timescale": {"label": "before the next merger is approved"}}, set()),
    "years in words": ({"timescale": {"label": "within two years", "months": 24}}, set()),
    "training with a check behind it": (
        {**TRAINING, "actions": ["Audit one in ten concerns and publish the results."]},
        set(),
    ),
    "next to no cost, explained": ({"resources": "None beyond an hour of a clerk each month."}, set()),
    "a date as measure": ({"measures": ["Publication of the first report."]}, set()),
    # bad ones: exactly these checks speak
    "nobody owns it": ({"owner": ""}, {"owner"}),
    "everybody owns it": ({"owner": "All relevant NHS organisations"}, {"owner"}),
    "the system owns it": ({"owner": "The health and care system"}, {"owner"}),
    "the owner is to be found": ({"owner": "To be confirmed"}, {"owner"}),
    "two owners": ({"owner": "NHS England and the Care Quality Commission"}, {"owner"}),
    "three owners": ({"owner": "Trust board; integrated care board; regulator"}, {"owner"}),
    "two actions": (
        statement("NHS England should publish exit tests and appoint a lead for each trust."),
        {"one-action"},
    ),
    "two actions, one an adverb away": (
        statement("Boards should publish exit tests, and urgently review their contracts."),
        {"one-action"},
    ),
    "two considered actions": (
        consider("Boards are asked to consider reducing demand, and restoring it in stages."),
        {"one-action"},
    ),
    "two sentences that ask": (
        statement("NHS England should publish exit tests. Trusts should also report on them."),
        {"one-action"},
    ),
    "a list": (statement("Boards should: (a) publish tests; (b) hold reviews; (c) name a lead."), {"one-action"}),
    "no rationale": ({"rationale": ""}, {"risk"}),
    "a rationale that says nothing": ({"rationale": "This is good practice."}, {"risk"}),
    "no kind of failure": ({"failure_types": []}, {"risk"}),
    "no measure": ({"measures": []}, {"measure"}),
    "a measure nobody can count": ({"measures": ["Improved culture.", "Better care."]}, {"measure"}),
    "no date": ({"timescale": {"label": "as soon as possible"}}, {"timescale"}),
    "an endless date": ({"timescale": {"label": "Ongoing"}}, {"timescale"}),
    "a date that contradicts itself": ({"timescale": {"label": "within six months", "months": 12}}, {"timescale"}),
    "no cost": ({"resources": ""}, {"cost"}),
    "a cost to come": ({"resources": "TBC"}, {"cost"}),
    "must on moderate confidence": (
        statement("NHS England must publish the tests of each exit.", wording="must"),
        {"wording"},
    ),
    "should on low confidence": ({"confidence": "low", "strength": "conditional"}, {"wording"}),
    "other words than marked": (statement("Boards could publish their exit tests."), {"wording"}),
    "consider, worded as must": (
        {"statement": "Boards must publish exit tests.", **LOWER},
        {"wording"},
    ),
    "training only": (TRAINING, {"weak-action"}),
    "a policy text only": (
        statement("Trusts should review their policy on speaking up.", actions=["Circulate the guidance."]),
        {"weak-action"},
    ),
    "a kind that is training": ({"action_kind": "training", "actions": []}, {"weak-action"}),
    "no conditions": ({"conditions": ""}, {"conditions"}),
    "nothing against it": ({"counter_evidence": "None."}, {"counter-evidence"}),
    "several at once": ({"owner": "Everyone", "resources": "", "measures": []}, {"owner", "cost", "measure"}),
    "nothing at all": (
        dict.fromkeys(GOOD, ""),
        {"owner", "risk", "measure", "timescale", "cost", "conditions", "counter-evidence"},
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_is_told_exactly_what_it_lacks(name):
    changes, expected = EXAMPLES[name]
    found = check_recommendation({**GOOD, **changes})
    assert {doubt.code for doubt in found} == expected, [doubt.found for doubt in found]
    assert len(found) == len(expected)


OTHER = {**GOOD, "code": "T2"}
PAIRS = {
    "the same again": ({}, {}, {"duplicate"}),
    "the same in another order": (
        {},
        {
            "statement": "The tests that each trust in intensive support has to pass to leave it should be published by "
            "NHS England.",
            "title": "Exit tests to publish",
        },
        {"duplicate"},
    ),
    "the same, related": ({"relations": [{"to": "T2", "type": "overlaps"}]}, {}, set()),
    "the same, related from there": ({}, {"relations": [{"to": "T1", "type": "overlaps"}]}, set()),
    "the same, related from there by what is derived": (
        {"derived": {"themes": ["exit"], "related_from": [{"from": "T2", "type": "overlaps"}]}},
        {},
        set(),
    ),
    "near, without a theme in common": (
        {},
        {
            "derived": {"themes": ["money"]},
            "statement": "NHS England should publish the tests that a prison in special "
            "measures has to pass to leave it.",
        },
        set(),
    ),
    "another matter of the same body": (
        {},
        {
            "statement": "NHS England should publish the salaries of interim leaders in each trust.",
            "title": "Publish salaries",
        },
        set(),
    ),
    "the opposite": (
        {},
        {
            "statement": "NHS England should withhold the tests that each trust in intensive support has to pass to leave "
            "it.",
            "title": "Withhold exit tests",
        },
        {"contradiction"},
    ),
    "the opposite by not": (
        {},
        {
            "statement": "NHS England should not publish the tests that each trust in intensive support has to pass to "
            "leave it."
        },
        {"contradiction"},
    ),
    "the opposite, stated as in tension": (
        {"relations": [{"to": "T2", "type": "contradicts"}]},
        {"statement": "NHS England should not publish the tests that each trust in intensive support has to pass."},
        set(),
    ),
    "opposite words on other matters": (
        {},
        {"statement": "Boards should withhold bonuses from directors of failing hospitals.", "title": "Bonuses"},
        set(),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_each_pair_is_told_whether_it_says_the_same_or_the_opposite(name):
    ours, theirs, expected = PAIRS[name]
    found = check_recommendation({**GOOD, **ours}, [{**GOOD, **ours}, {**OTHER, **theirs}])
    assert {doubt.code for doubt in found} == expected, [doubt.found for doubt in found]
    assert all("T2" in doubt.found for doubt in found)


def test_a_finding_quotes_the_words_says_how_to_mend_them_and_who_asks():
    (doubt,) = check_recommendation({**GOOD, "owner": "All relevant NHS organisations"})
    assert "“All relevant NHS organisations”" in doubt.found
    assert all([doubt.asked, doubt.mend, doubt.source, doubt.place == "owner"])
    assert all(all(rule) for rule in RULES.values())


def test_the_shipped_recommendations_are_in_order(shipped):
    """As their authors meant them; the test after this one makes each of them worse."""
    lessons = {lesson["code"]: set(lesson["themes"]) for lesson in shipped["lessons"]}
    documents = copy.deepcopy(shipped["recommendations"])
    for document in documents:
        document["derived"] = {"themes": sorted(set().union(*(lessons[code] for code in document["lessons"])))}
    found = [(each["code"], doubt.code) for each in documents for doubt in check_recommendation(each, documents)]
    assert found == []


def test_each_shipped_recommendation_made_worse_is_noticed(shipped):
    """What a careless editor might do to real ones: recall on eighteen records for each check of a field."""
    worse = {
        "owner": {"owner": "The NHS"},
        "measures": {"measures": ["Better outcomes for patients."]},
        "resources": {"resources": "To be determined"},
        "conditions": {"conditions": ""},
        "timescale": {"timescale": {"label": "in due course"}},
        "must": {"wording": "must"},
        "counter_evidence": {"counter_evidence": "N/A"},
    }
    for document in shipped["recommendations"]:
        before = len(check_recommendation(document))
        for change in worse.values():
            assert len(check_recommendation({**document, **change})) == before + 1, (document["code"], change)


def test_a_long_or_strange_text_costs_little_and_breaks_nothing():
    found = check_recommendation(
        {**GOOD, "statement": "should and publish " * 20_000, "owner": "and " * 20_000, "rationale": "\0"}
    )
    assert all(len(doubt.found) <= 500 for doubt in found)


def test_verbs_are_written_as_english_writes_them():
    assert [gerund_of(verb) for verb in ("reduce", "publish", "set", "agree")] == [
        "reducing",
        "publishing",
        "setting",
        "agreeing",
    ]
