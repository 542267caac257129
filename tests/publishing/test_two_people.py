"""Two people stand behind every published word, whatever it was published along with."""

import datetime as dt
import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import CaseFinding, CaseStudy
from failure_lessons.access.models import Token
from failure_lessons.access.tokens import issue_token
from failure_lessons.accounts.models import User
from failure_lessons.packages.exchange import load_package
from failure_lessons.packages.format import Package
from failure_lessons.publishing.models import Edition, Submission
from failure_lessons.publishing.plan import plan_publication
from failure_lessons.publishing.services import (
    CannotPublish,
    correct_record,
    publish_many,
    publish_record,
    return_to_author,
    submit_many,
    submit_record,
    withdraw_record,
)
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference
from recommendations.models import Lesson
from tests import factories
from tests.examples import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(db):
    """A third person."""
    return User.objects.create(username="reviewer")


@pytest.fixture
def themed(researcher, publisher):
    """A lesson in review, with a theme that goes along."""
    case = factories.case()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    lesson = factories.lesson(case.findings.get())
    theme = factories.theme(label="Seen")
    lesson.themes.add(theme)
    submit_record(record=lesson, by=researcher)
    return lesson, theme


@pytest.mark.slow
def test_a_theme_changed_after_submission_is_not_published_along(themed, publisher):
    lesson, theme = themed
    Theme.objects.filter(pk=theme.pk).update(label="By the publisher")
    assert plan_publication([Lesson.objects.get(pk=lesson.pk)]).unseen  # the preview says so
    with pytest.raises(CannotPublish, match=f"{theme.slug}.* was changed after this was submitted; submit it again"):
        publish_record(record=lesson, by=publisher)
    assert not Edition.objects.filter(record_id__in=[lesson.record_id, theme.record_id]).exists()


def test_a_reference_changed_after_submission_is_not_published_along(researcher, publisher):
    case = factories.case()
    submit_record(record=case, by=researcher)
    source = case.findings.get().citations.get().reference
    Reference.objects.filter(pk=source.pk).update(title="Slipped in")
    with pytest.raises(CannotPublish, match=source.slug):
        publish_record(record=case, by=publisher)


@pytest.mark.slow
def test_a_correction_is_held_to_the_same(themed, researcher, publisher):
    lesson, theme = themed
    publish_record(record=lesson, by=publisher)
    submit_record(record=lesson, by=researcher)
    Theme.objects.filter(pk=theme.pk).update(label="By the publisher")
    with pytest.raises(CannotPublish, match="changed after this was submitted"):
        correct_record(record=lesson, by=publisher, note="Nothing.")


@pytest.mark.slow
def test_what_goes_along_names_whoever_submitted_it(themed, researcher, publisher, reviewer):
    lesson, theme = themed
    other = factories.case()
    submit_record(record=other, by=reviewer)
    publish_many(records=[other, lesson], by=publisher)
    assert Edition.objects.get(record_id=theme.record_id).submitted_by == researcher
    assert Edition.objects.get(record_id=other.record_id).submitted_by == reviewer


def test_what_others_published_meanwhile_needs_no_second_submission(themed, researcher, reviewer, publisher):
    lesson, theme = themed
    Theme.objects.filter(pk=theme.pk).update(label="Changed by others")
    submit_record(record=theme, by=reviewer)
    publish_record(record=theme, by=researcher)
    made = publish_record(record=lesson, by=publisher)
    assert [each.kind for each in made] == ["lesson"]


def test_what_is_rendered_from_other_rows_counts_as_changed(themed, publisher):
    lesson, _ = themed
    CaseStudy.objects.update(sector="criminal-justice")
    with pytest.raises(CannotPublish, match="changed after it was submitted"):
        publish_record(record=lesson, by=publisher)


def test_whoever_issued_the_token_does_not_publish_what_came_in_by_it(researcher, publisher):
    partner = User.objects.create(username="institute")
    partner.groups.add(*partner.groups.model.objects.filter(name="partner"))
    case = factories.case()
    submit_record(record=case, by=partner)
    issue_token(partner=partner, name="x", scopes=["write:case-studies"], by=publisher)
    Token.objects.update(revoked_at="2026-01-01T00:00Z")
    with pytest.raises(CannotPublish, match="for whom you issued a token"):
        publish_record(record=case, by=publisher)
    assert publish_record(record=case, by=researcher)


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["submit", "publish"])
def test_nobody_stands_behind_words_that_came_after_they_opened_the_page(verb, themed, admin_client, researcher):
    lesson, theme = themed
    if verb == "submit":
        return_to_author(record=lesson, by=researcher, note="Why.")
    page = f"/admin/recommendations/lesson/{lesson.pk}/verb/{verb}/"
    opened = admin_client.get(page).context["plan"].plan.digest
    Theme.objects.filter(pk=theme.pk).update(label="Between opening and sending")
    if verb == "publish":  # in the meantime, taken back, and submitted again by its author
        return_to_author(record=lesson, by=researcher, note="Why.")
        submit_record(record=lesson, by=researcher)
    state = Lesson.objects.get(pk=lesson.pk).state
    answer = admin_client.post(page, {"seen": opened, "note": ""})
    assert answer.status_code == 409
    assert "changed since you opened this page" in answer.content.decode()
    assert Lesson.objects.get(pk=lesson.pk).state == state
    again = answer.context["plan"].plan.digest
    assert admin_client.post(page, {"seen": again, "note": ""}).status_code == 302


def test_one_account_does_not_load_and_publish(researcher):
    package = Package({"title": "A package"})
    with pytest.raises(CannotPublish, match="cannot both submit and publish"):
        load_package(package, by=researcher, publisher=researcher)


@pytest.mark.slow
def test_the_ledger_says_that_it_was_a_load(researcher, publisher):
    package = Package({"title": "A package"})
    package.members["themes"] = [{"slug": "from-afar", "label": "From afar", "scope_note": "Use."}]
    (edition,) = load_package(package, by=researcher, publisher=publisher, note="A package").editions
    assert edition.revisions.get().note == "Loaded from an evidence package: A package"


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement", ["update publishing_submission set words = '{}'", "delete from publishing_submission"]
)
def test_the_database_keeps_submissions(statement, themed):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


PEOPLE = 4
LATER = dt.datetime(2126, 1, 1, tzinfo=dt.UTC)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "case",
                "part",
                "reference",
                "theme",
                "lesson",
                "submit",
                "submit",
                "return",
                "publish",
                "publish",
                "publish",
                "undo",
                "withdraw",
                "issue",
            ]
        ),
        st.integers(0, PEOPLE - 1),
        st.sets(st.integers(0, 3), min_size=1, max_size=3),
    ),
    min_size=4,
    max_size=16,
)


@pytest.mark.slow
@pytest.mark.timeout(3600)  # five hundred sequences in long trials
@examples(25, in_trials=500)
@given(steps=STEPS)
def test_whatever_people_do_two_of_them_saw_every_published_word(steps):
    """Each value is written once, so that a value in an edition tells who saw it: recorded here, not in our tables."""
    people = [User.objects.create(username=f"person-{uuid.uuid4()}") for _ in range(PEOPLE)]
    cases = [factories.case() for _ in range(2)]
    theme = factories.theme()
    lessons = [factories.lesson(each.findings.get()) for each in cases]
    for each in (*lessons, *(case.findings.get() for case in cases)):
        each.themes.add(theme)
    records = [*cases, lessons[0], theme]
    everything = {each.record_id for each in records}
    seen = {}  # the words that were shown to each person when they submitted, by record
    before, issued = {}, set()
    start = Edition.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for step, who, chosen in steps:
        by, word = people[who], f"Value {next(factories.numbers)}"
        some = [type(records[each])._default_manager.get(pk=records[each].pk) for each in sorted(chosen)]
        first = some[0]
        case = cases[min(chosen) % 2]
        if step in ("case", "part", "reference", "theme", "lesson"):
            rows, name = {
                "case": (CaseStudy.objects.filter(pk=case.pk), "title"),
                "part": (CaseFinding.objects.filter(case=case), "statement"),
                "reference": (Reference.objects.filter(casecitations__finding__case=case), "title"),
                "theme": (Theme.objects.filter(pk=theme.pk), "label"),
                "lesson": (Lesson.objects.filter(pk=lessons[0].pk), "statement"),
            }[step]
            before[rows.model, name] = (
                rows.model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True))),
                rows.values_list(name, flat=True)[0],
            )
            rows.model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True))).update(**{name: word})
            continue
        if step == "issue":
            partner = people[(who + 1) % PEOPLE]
            hint = f"fl_{next(factories.numbers)}"
            Token.objects.create(
                partner=partner, created_by=by, name="x", prefix=hint, hashed="x", scopes=["read"], expires_at=LATER
            )
            issued.add((by.pk, partner.pk))
            continue
        if step == "undo":
            for (_, name), (rows, old) in before.items():
                rows.update(**{name: old})
            before.clear()
            continue
        shown = {each.record.record_id: each.document for each in plan_publication(some).renditions}
        try:
            with transaction.atomic():
                if step == "submit":
                    submit_many(records=some, by=by)
                    for key, document in shown.items():
                        seen.setdefault(by.pk, set()).add((key, document))
                elif step == "return":
                    return_to_author(record=first, by=by, note="Why.")
                elif step == "withdraw":
                    withdraw_record(record=first, by=by, note="Why.")
                else:
                    for edition in publish_many(records=some, by=by):
                        assert edition.published_by == by
                        assert edition.submitted_by != by
                        assert (by.pk, edition.submitted_by_id) not in issued
                        assert (edition.record_id, edition.document) in seen[edition.submitted_by_id]
                        assert shown[edition.record_id] == edition.document
        except CannotPublish:
            pass
    made = Edition.objects.filter(pk__gt=start)
    assert everything.issuperset(made.filter(kind="case-study").values_list("record_id", flat=True))
    assert all(each.submitted_by_id != each.published_by_id for each in made)
    assert Submission.objects.exists() or not made.exists()
