"""An edition says what kind of change it is; a correction of form alarms nobody, and cannot hide another conclusion."""

import json

import pytest

from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.guard import parts_may_leave
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition, Submission
from failure_lessons.publishing.plan import plan_publication
from failure_lessons.publishing.services import (
    CannotPublish,
    publish_many,
    publish_record,
    submit_many,
    submit_record,
    withdraw_record,
)
from tests import factories
from tests.helpers import text_of_page

pytestmark = pytest.mark.django_db

FORM, EVIDENCE, CONCLUSION = ChangeKind


@pytest.fixture
def chain(researcher, publisher):
    """A case, a lesson and a recommendation, published."""
    case = factories.case()
    lesson = factories.lesson(case.findings.get())
    recommendation = factories.recommendation(lesson)
    submit_many(records=[case, lesson, recommendation], by=researcher)
    publish_many(records=[case, lesson, recommendation], by=publisher)
    return case, lesson, recommendation


@pytest.fixture
def release(researcher, publisher):
    def release_record(record, *, said=None, change=None, same=False, note="Why."):
        record.refresh_from_db()
        submit_record(record=record, by=researcher, change=said, says_the_same=same)
        return publish_record(record=record, by=publisher, note=note, change=change, says_the_same=same)

    return release_record


def current(record):
    return Edition.objects.current().get(record_id=record.record_id)


def cite_better(case):
    case.findings.get().citations.update(quotation="In the very words of the source", locator="p. 7")


def test_a_first_edition_is_no_change(chain):
    assert {current(record).change for record in chain} == {""}


@pytest.mark.slow
def test_a_quotation_is_a_correction_of_form_and_reaches_what_rests_on_it_without_a_mark(chain, release):
    case, lesson, recommendation = chain
    cite_better(case)
    made = release(case)
    finding = case.findings.get()
    assert {each.change for each in made} == {FORM}
    for record in (lesson, recommendation):
        edition = current(record)
        assert (edition.number, edition.change, edition.evidence_changed_at) == (2, FORM, None)
        before = Edition.objects.get(record_id=record.record_id, number=1)
        assert (edition.document, edition.body, edition.terms) == (before.document, before.body, before.terms)
        assert edition.submitted_by != edition.published_by
    assert {pin.number for pin in current(lesson).cites.filter(kind="finding")} == {2}
    assert current(lesson).note == f"The form was corrected in what it rests on: “{current(finding).title}”. Why."
    assert current(recommendation).cites.get().number == 2
    assert not list(find_ledger_faults())


@pytest.mark.slow
def test_readers_of_the_lesson_read_the_new_words_and_why(chain, release, client):
    case, lesson, _ = chain
    cite_better(case)
    release(case)
    assert "In the very words of the source" in text_of_page(client.get(current(lesson).get_absolute_url()))
    history = text_of_page(client.get(f"{current(lesson).get_absolute_url()}history/"))
    assert "Correction of form" in history
    assert "The form was corrected in what it rests on" in history
    assert "Evidence has changed since" not in history


def test_drafts_of_what_it_reaches_stay_drafts(chain, release):
    case, lesson, _ = chain
    type(lesson).objects.filter(pk=lesson.pk).update(statement="Not yet for readers.")
    cite_better(case)
    release(case)
    assert "Not yet for readers" not in current(lesson).document
    lesson.refresh_from_db()
    assert lesson.statement == "Not yet for readers."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "words", "kind"),
    [
        ("statement", "Something else was found.", CONCLUSION),
        ("explanation", "More about it.", EVIDENCE),
        ("phase", "prevention", EVIDENCE),
    ],
)
def test_what_differs_says_the_least_that_it_is(field, words, kind, chain, release):
    case, lesson, _ = chain
    case.findings.update(**{field: words})
    release(case)
    assert current(case.findings.get()).change == kind
    assert current(case).change == EVIDENCE  # it rests on another edition of its finding
    assert current(lesson).evidence_changed_at
    assert current(lesson).number == 1


@pytest.mark.slow
def test_a_further_source_is_new_evidence(chain, release):
    case, lesson, _ = chain
    factories.CaseCitation.objects.create(finding=case.findings.get(), reference=factories.reference(), position=1)
    release(case)
    assert current(case.findings.get()).change == EVIDENCE
    assert current(lesson).evidence_changed_at


@pytest.mark.slow
def test_another_place_in_the_same_source_is_of_form(chain, release):
    case, lesson, _ = chain
    cite_better(case)
    finding = case.findings.get()
    source = finding.citations.get().reference
    factories.CaseCitation.objects.create(finding=finding, reference=source, locator="p. 9", quotation="So", position=1)
    release(case)
    assert current(finding).change == FORM
    assert current(lesson).evidence_changed_at is None


@pytest.mark.slow
def test_a_typing_error_in_a_statement_is_of_form_once_both_people_say_so(chain, researcher, publisher):
    case, lesson, _ = chain
    case.findings.update(statement="Something was found!")
    with pytest.raises(CannotPublish, match="Compare both, and confirm that they say the same"):
        submit_record(record=case, by=researcher, change=FORM)
    submit_record(record=case, by=researcher, change=FORM, says_the_same=True)
    with pytest.raises(CannotPublish, match="words of its statement change"):
        publish_record(record=case, by=publisher)
    publish_record(record=case, by=publisher, says_the_same=True)
    assert current(case.findings.get()).change == FORM
    assert current(lesson).evidence_changed_at is None


@pytest.mark.slow
@pytest.mark.parametrize(("field", "value"), [("strength", "strong"), ("confidence", "high"), ("wording", "must")])
def test_a_rating_is_never_a_matter_of_form(field, value, chain, researcher):
    *_, recommendation = chain
    type(recommendation).objects.filter(pk=recommendation.pk).update(**{field: value})
    recommendation.refresh_from_db()
    with pytest.raises(CannotPublish, match=f"a correction of form cannot change its {field}"):
        submit_record(record=recommendation, by=researcher, change=FORM, says_the_same=True)


def test_which_way_a_finding_bears_is_never_a_matter_of_form(chain, researcher):
    _, lesson, _ = chain
    lesson.evidence.update(relation="contradicts")
    with pytest.raises(CannotPublish, match="cannot change its evidence"):
        submit_record(record=lesson, by=researcher, change=FORM, says_the_same=True)


def test_newer_evidence_is_never_a_matter_of_form(chain, release, researcher):
    case, lesson, _ = chain
    case.findings.update(statement="Something else was found.")
    release(case)
    lesson.refresh_from_db()
    with pytest.raises(CannotPublish, match=r"more than a correction of form\. Choose “New evidence”"):
        submit_record(record=lesson, by=researcher, change=FORM)


def test_the_publisher_has_the_last_word_and_the_greater_kind_stands(chain, release):
    _, lesson, _ = chain
    type(lesson).objects.filter(pk=lesson.pk).update(explanation="More about it.")
    release(lesson, said=EVIDENCE, change=CONCLUSION)
    assert current(lesson).change == CONCLUSION
    assert Submission.objects.latest("pk").change == EVIDENCE
    type(lesson).objects.filter(pk=lesson.pk).update(statement="We learnt more.")
    release(lesson, said=EVIDENCE)
    assert current(lesson).change == CONCLUSION


@pytest.mark.slow
def test_a_mark_stays_through_corrections_of_form_until_somebody_reviews(chain, release):
    """Its finding changed; then a source of the same finding is quoted better."""
    case, lesson, recommendation = chain
    other = factories.case()
    factories.LessonEvidence.objects.create(lesson=lesson, case_finding=other.findings.get(), relation="supports")
    release(other)
    release(lesson)
    release(recommendation)
    case.findings.update(statement="Something else was found.")
    release(case)
    since = current(lesson).evidence_changed_at
    assert since
    cite_better(other)
    release(other)
    assert current(lesson).number == 3
    assert current(lesson).evidence_changed_at == since
    assert current(recommendation).evidence_changed_at
    assert not list(find_ledger_faults())
    release(lesson)
    assert current(lesson).evidence_changed_at is None
    assert not list(find_ledger_faults())


@pytest.mark.slow
def test_what_is_withdrawn_in_the_same_publication_marks_what_is_carried(chain, release, publisher):
    case, lesson, _ = chain
    second = factories.finding(case, factories.reference())
    factories.LessonEvidence.objects.create(lesson=lesson, case_finding=second, relation="qualifies")
    release(case)
    release(lesson)
    lesson.evidence.filter(case_finding=second).delete()
    with parts_may_leave():
        case.findings.get(pk=second.pk).delete()
    case.findings.get().citations.update(quotation="In the very words of the source")
    plan = plan_publication([case])
    assert [each.evidence_changed for each in plan.carried if each.key.kind == "lesson"] == [True]
    release(case)
    assert current(lesson).evidence_changed_at
    assert not list(find_ledger_faults())
    withdraw_record(record=case, by=publisher, note="It was wrong.")
    assert not list(find_ledger_faults())


@pytest.mark.slow
def test_every_door_says_it(chain, release, client):
    case, *_ = chain
    cite_better(case)
    release(case)
    finding = current(case.findings.get())
    address = f"/api/v1/findings/{finding.slug}/"
    assert json.loads(client.get(address).content)["edition"]["change"] == "correction-of-form"
    told = json.loads(client.get(f"{address}editions/").content)["results"]
    assert [each["change"] for each in told] == ["correction-of-form", ""]
    line = next(
        json.loads(line)
        for line in b"".join(client.get("/api/v1/findings/?format=ndjson").streaming_content).splitlines()
        if finding.slug.encode() in line
    )
    assert line["edition"]["change"] == "correction-of-form"
    changes = json.loads(client.get(f"/api/v1/changes/?since={finding.revision - 1}").content)["results"]
    assert {each["change"] for each in changes} == {"correction-of-form"}
    feed = client.get(f"{finding.get_absolute_url()}feed.atom").content.decode()
    assert 'term="correction-of-form"' in feed
    assert "Correction of form." in feed
    assert "Correction of form" in text_of_page(client.get(f"{finding.get_absolute_url()}compare/1..2/"))
    assert "Correction of form" in text_of_page(client.get(finding.get_absolute_url()))
    assert "Correction of form" in text_of_page(client.get("/changes/"))


@pytest.mark.slow
def test_the_pages_of_the_verbs_ask_for_it_and_show_what_it_does(chain, admin_client):
    case, *_ = chain
    case.findings.update(statement="Something was found!")
    page = f"/admin/casestudies/casestudy/{case.pk}/verb/submit/"
    seen = admin_client.get(page).context["plan"].plan.digest
    sent = {"seen": seen, "note": "", "change": "correction-of-form"}
    answer = admin_client.post(page, sent)
    assert answer.status_code == 409
    assert "confirm that they say the same" in text_of_page(answer)
    assert admin_client.post(page, sent | {"says_the_same": "on"}).status_code == 302
    answer = admin_client.get(f"/admin/casestudies/casestudy/{case.pk}/verb/publish/")
    assert answer.context["form"]["change"].value() == "correction-of-form"
    fresh = factories.lesson(case.findings.get())
    answer = admin_client.get(f"/admin/recommendations/lesson/{fresh.pk}/verb/submit/")
    assert "change" not in answer.context["form"].fields  # nothing to compare with


@pytest.fixture
def marked(chain, release):
    """The lesson and the recommendation, marked because the finding changed."""
    case, lesson, recommendation = chain
    case.findings.update(statement="Something else was found.")
    release(case)
    return lesson, recommendation


def confirm(client, record, note="It bears on it all the same."):
    page = f"/admin/recommendations/{record._meta.model_name}/"
    sent = {"action": "confirm_chosen", "_selected_action": [record.pk], "confirm": "1", "note": note}
    return client.post(page, sent, follow=True)


@pytest.mark.slow
def test_many_are_reviewed_at_once_and_a_second_person_publishes_it(marked, admin_client, person, browser_of):
    lesson, recommendation = marked
    other = factories.lesson(*[item.case_finding for item in lesson.evidence.all()])
    page = "/admin/recommendations/lesson/"
    sent = {"action": "confirm_chosen", "_selected_action": [lesson.pk]}
    assert "Why nothing changes" in text_of_page(admin_client.post(page, sent))
    assert "This field is required" in text_of_page(confirm(admin_client, lesson, note=""))
    assert "is not marked" in text_of_page(confirm(admin_client, other))
    assert "1 record: done." in text_of_page(confirm(admin_client, lesson))
    lesson.refresh_from_db()
    assert (lesson.state, lesson.review_note) == (
        "in-review",
        "Reviewed, nothing changes: It bears on it all the same.",
    )
    client = browser_of(person("paul", "publisher"))
    answer = client.post(page, {"action": "publish_chosen", "_selected_action": [lesson.pk]})
    assert lesson.review_note in answer.content.decode()  # proposed as the note for readers
    sent = {"action": "publish_chosen", "_selected_action": [lesson.pk], "confirm": "1", "note": lesson.review_note}
    seen = answer.context["plan"].plan.digest
    assert "1 record: done." in text_of_page(client.post(page, sent | {"seen": seen}, follow=True))
    edition = current(lesson)
    assert (edition.evidence_changed_at, edition.change, edition.note) == (None, EVIDENCE, lesson.review_note)
    assert current(recommendation).evidence_changed_at  # nobody has looked at that yet


@pytest.mark.slow
def test_what_says_something_else_is_not_reviewed_in_passing(marked, admin_client):
    lesson, _ = marked
    type(lesson).objects.filter(pk=lesson.pk).update(explanation="More.")
    assert "submit it by itself" in text_of_page(confirm(admin_client, lesson))


@pytest.mark.slow
def test_the_history_says_who_reviewed_and_why(marked, admin_client, admin_user):
    lesson, _ = marked
    confirm(admin_client, lesson)
    page = text_of_page(admin_client.get(f"/admin/recommendations/lesson/{lesson.pk}/history/"))
    assert "Reviewed, nothing changes: It bears on it all the same." in page


@pytest.mark.slow
def test_publishing_many_shows_what_changed_since_the_page_was_opened(marked, researcher, admin_client):
    lesson, _ = marked
    theme = factories.theme(label="Seen")
    lesson.themes.add(theme)
    submit_record(record=lesson, by=researcher)
    page = "/admin/recommendations/lesson/"
    sent = {"action": "publish_chosen", "_selected_action": [lesson.pk]}
    seen = admin_client.post(page, sent).context["plan"].plan.digest
    type(theme).objects.filter(pk=theme.pk).update(label="Another")
    answer = admin_client.post(page, sent | {"confirm": "1", "note": "", "seen": seen})
    assert answer.status_code == 409
    assert "Something was changed since you opened this page" in text_of_page(answer)
    lesson.refresh_from_db()
    assert lesson.state == "in-review"
