"""What is asked and by which rules is fixed, and the database holds to it."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from failure_lessons.history.models import Change
from failure_lessons.history.recording import recorded_models
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import CannotPublish
from recommendations.consultations.documents import hash_protocol
from recommendations.consultations.models import (
    Answerer,
    Conflict,
    ConsultationRound,
    Participant,
    Question,
    Rating,
    ReportingGroup,
    Statement,
    Submitted,
)
from recommendations.consultations.services import (
    CannotMoveRound,
    add_draft,
    announce_round,
    call_reported,
    cancel_round,
    close_round,
    move_closing_day,
    read_sector,
    return_to_draft,
)
from tests.recommendations.consultations.world import (
    DAY,
    announced_round,
    answer_all,
    draft_round,
    invite,
    opened_round,
    publish_round,
)

pytestmark = pytest.mark.django_db


def refused(name, write):
    """The database refuses, by the name of this rule."""
    with pytest.raises(IntegrityError) as told, transaction.atomic():
        write()
    assert told.value.__cause__.diag.constraint_name == name


def test_no_table_of_a_consultation_is_recorded_for_ever():
    tables = {model._meta.db_table for model in apps.get_app_config("consultations").get_models()}
    assert tables & {model._meta.db_table for model in recorded_models(apps)} == set()
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid where tgname = 'history_records'"
        )
        assert tables & {name for (name,) in cursor.fetchall()} == set()
    invite(announced_round())
    assert not Change.objects.filter(key__startswith="consultations").exists()


def test_a_round_comes_from_the_shipped_template_with_codes_for_its_sectors():
    row = draft_round(statements=3)
    assert {group.sector: len(group.roles) for group in row.groups.all()} == {
        "health": 10,
        "education": 3,
        "criminal-justice": 3,
        "cross-sector": 2,
    }
    assert [each.code for each in row.questions.all()] == ["important", "appropriate", "feasible", "clear"]
    assert [each.code for each in row.statements.all()] == ["R1", "R2", "R3"]
    assert all(each.against and each.reason for each in row.statements.all())
    assert read_sector("Criminal justice") == "criminal-justice"


def test_the_protocol_is_the_first_edition_and_says_everything_beforehand():
    row = announced_round()
    [edition] = Edition.objects.filter(record_id=row.record_id)
    content = edition.content
    assert (edition.number, content["derived"]["stage"]) == (1, "announced")
    assert content["derived"]["protocol_sha256"] == hash_protocol(row.pk)
    assert "disagreement index is at most 1" in content["rules"][0]["words"]
    assert content["statements"][0]["about"].startswith("/recommendations/")
    assert "report" not in content


def test_a_draft_stands_in_the_protocol_as_a_hash_alone():
    row = draft_round()
    from_draft = row.template
    from_draft.purpose = "zebrafish words of a draft"
    from_draft.save()
    add_draft(consultation=row, record=from_draft, code="D1", wording="A zebrafish wording.")
    publish_round(row)
    document = Edition.objects.get(record_id=row.record_id).document
    assert "zebrafish" not in document
    assert row.statements.get(code="D1").proof_sha256 in document


FROZEN_CHANGES = {
    "statement": lambda row: row.statements.update(wording="Other words"),
    "against": lambda row: row.statements.update(against=""),
    "a new statement": lambda row: Statement.objects.create(
        round=row, code="X", wording="X", edition=row.statements.all()[0].edition
    ),
    "a statement less": lambda row: row.statements.all()[:1].get().delete(),
    "question": lambda row: row.questions.update(wording="Other words"),
    "a question less": lambda row: Question.objects.filter(round=row, code="clear").delete(),
    "group": lambda row: row.groups.update(name="Others"),
    "a new group": lambda row: ReportingGroup.objects.create(
        round=row, code="x", name="X", sector="health", expected=9
    ),
    **{
        name: lambda row, name=name, value=value: ConsultationRound.objects.filter(pk=row.pk).update(**{name: value})
        for name, value in {
            "rules": [{"measure": "share"}],
            "scale_words": "Other words",
            "least_shown": 7,
            "notice": "Other words",
            "notice_version": 2,
            "anonymity": "anonymous",
            "lawful_basis": "None",
            "retention_days": 900,
            "purpose": "Other",
            "opens_at": timezone.now(),
        }.items()
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("change", FROZEN_CHANGES.values(), ids=FROZEN_CHANGES.keys())
def test_what_is_asked_never_changes_once_announced(change, announced):
    refused("what_is_asked_never_changes_once_announced", lambda: change(announced))


@pytest.fixture
def announced():
    return announced_round()


def test_every_column_of_a_round_is_frozen_or_known_to_move():
    moving = {"id", "record_id", "state", "submitted_by_id", "submitted_at", "submitted_sha256", "review_note"}
    moving |= {"edited_at", "closes_at", "stage", "stage_reason", "closed_at", "reported_at", "results"}
    moving |= {"interpretation", "limits", "created_by_id", *ConsultationRound.CONDUCT}
    columns = {field.attname for field in ConsultationRound._meta.concrete_fields}
    assert columns == {*ConsultationRound.FROZEN, *moving}


def test_a_round_opens_only_with_the_protocol_that_was_published():
    row = draft_round()
    publish_round(row)
    row.statements.update(wording="One word changed between.")
    with pytest.raises(CannotMoveRound, match="protocol published"):
        announce_round(consultation=row, by=row.created_by)
    publish_round(row)
    announce_round(consultation=row, by=row.created_by)
    return_to_draft(consultation=row, by=row.created_by)
    row.questions.update(wording="Another word.")
    refused("a_round_moves_as_allowed", lambda: ConsultationRound.objects.filter(pk=row.pk).update(stage="open"))


def test_opening_is_refused_with_every_reason():
    row = draft_round(rules=[{"scope": "groups", "groups": 9}])
    row.groups.update(expected=3)
    with pytest.raises(CannotPublish) as told:
        publish_round(row)
    assert any("9 groups" in each for each in told.value.reasons)
    assert sum("fewer than the 5" in each for each in told.value.reasons) == 4


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["announced", "open", "closed", "reported"])
def test_a_round_moves_as_allowed(stage):
    row = draft_round()
    if stage != "announced":
        refused("a_round_moves_as_allowed", lambda: ConsultationRound.objects.filter(pk=row.pk).update(stage=stage))
    refused(
        "a_round_opens_with_its_protocol_published",
        lambda: ConsultationRound.objects.filter(pk=row.pk).update(stage="announced"),
    )


@pytest.mark.slow
def test_anonymity_is_never_lowered():
    row = draft_round(anonymity="anonymous")
    for level in ("pseudonymous", "named"):
        refused(
            "anonymity_is_never_lowered",
            lambda level=level: type(row).objects.filter(pk=row.pk).update(anonymity=level),
        )
    lower = draft_round(anonymity="named")
    assert type(row).objects.filter(pk=lower.pk).update(anonymity="pseudonymous") == 1


def test_k_is_at_least_five():
    row = draft_round()
    refused("k_is_at_least_five", lambda: type(row).objects.filter(pk=row.pk).update(least_shown=4))


def test_a_closing_day_only_moves_later_and_says_why():
    row = opened_round()
    with pytest.raises(CannotMoveRound, match="only moves later"):
        move_closing_day(consultation=row, closes_at=row.closes_at - DAY, reason="Sooner", by=row.created_by)
    with pytest.raises(CannotMoveRound, match="Say in public"):
        move_closing_day(consultation=row, closes_at=row.closes_at + DAY, reason=" ", by=row.created_by)
    move_closing_day(consultation=row, closes_at=row.closes_at + DAY, reason="A strike of the post.", by=row.created_by)
    assert row.closing_moves.get().reason == "A strike of the post."


@pytest.mark.slow
def test_an_answer_is_given_while_the_round_is_open_by_the_clock_of_the_database():
    row = opened_round()
    [who, *_] = answer_all(row)
    rating = who.ratings.first()
    type(row).objects.filter(pk=row.pk).update(closes_at=timezone.now() + dt.timedelta(days=30))
    close_round(consultation=row, by=row.created_by)
    for write in (
        lambda: Rating.objects.filter(pk=rating.pk).update(value=1),
        lambda: Submitted.objects.create(answerer=who, form="comment", text="Late"),
        lambda: Conflict.objects.create(answerer=who, statement=rating.statement),
    ):
        refused("an_answer_is_given_while_the_round_is_open", write)


@pytest.mark.parametrize("value", [0, 10])
def test_an_answer_lies_on_its_scale(value):
    who = opened_round().answerers.first()
    asked = {"statement": who.round.statements.first(), "question": who.round.questions.first()}
    refused("an_answer_lies_on_its_scale", lambda: Rating.objects.create(answerer=who, value=value, **asked))


def test_a_question_is_answered_once_and_belongs_to_the_round():
    row, other = opened_round(), opened_round()
    who = row.answerers.first()
    asked = {"statement": row.statements.first(), "question": row.questions.first()}
    Rating.objects.create(answerer=who, value=5, **asked)
    refused("a_question_is_answered_once_by_an_answerer", lambda: Rating.objects.create(answerer=who, value=6, **asked))
    foreign = {**asked, "question": other.questions.first()}
    refused("an_answer_fits_its_question", lambda: Rating.objects.create(answerer=who, value=6, **foreign))
    foreign = {**asked, "statement": other.statements.first()}
    refused(
        "an_answer_belongs_to_a_statement_of_its_round", lambda: Rating.objects.create(answerer=who, value=6, **foreign)
    )


def test_a_conflicted_rating_is_not_counted_whenever_the_interest_is_declared():
    row = opened_round()
    who, statement = row.answerers.first(), row.statements.first()
    first, second = row.questions.all()[:2]
    Rating.objects.create(answerer=who, statement=statement, question=first, value=9)
    interest = Conflict.objects.create(answerer=who, statement=statement)
    Rating.objects.create(answerer=who, statement=statement, question=second, value=9, is_counted=True)
    assert not who.ratings.filter(is_counted=True).exists()
    interest.delete()
    assert who.ratings.filter(is_counted=True).count() == 2


def test_only_a_named_answerer_has_a_participant():
    hidden, named = opened_round(), opened_round(anonymity="named")
    for row, person, rule in (
        (hidden, hidden.participants.first(), "an_anonymous_answerer_has_no_participant"),
        (named, None, "a_named_answerer_has_one"),
    ):
        refused(
            rule,
            lambda row=row, person=person: Answerer.objects.create(
                round=row, group=row.groups.first(), pseudonym="x", participant=person
            ),
        )


def test_an_anonymous_round_does_not_know_who_answered():
    row = opened_round(anonymity="anonymous")
    for standing in ("consented", "answered"):
        refused(
            "an_anonymous_round_does_not_know_who_answered",
            lambda standing=standing: row.participants.update(standing=standing),
        )


def test_a_reminder_goes_to_who_has_not_answered_and_at_most_three_times():
    row = opened_round()
    person = row.participants.first()
    Participant.objects.filter(pk=person.pk).update(standing="answered")
    refused(
        "a_reminder_goes_to_who_has_not_answered",
        lambda: Participant.objects.filter(pk=person.pk).update(reminders=1),
    )
    refused(
        "nobody_is_reminded_more_than_three_times",
        lambda: Participant.objects.exclude(pk=person.pk).update(reminders=4),
    )


@pytest.mark.slow
def test_a_cancelled_round_keeps_no_answers():
    row = opened_round()
    answer_all(row)
    with pytest.raises(CannotMoveRound, match="says why"):
        cancel_round(consultation=row, reason="", by=row.created_by)
    assert row.answerers.exists()
    cancel_round(consultation=row, reason="The law changed.", by=row.created_by)
    assert (row.stage, row.answerers.count()) == ("cancelled", 0)


@pytest.mark.slow
def test_a_round_from_announcement_to_report():
    row = opened_round()
    answer_all(row, lambda group, place: 2 if group == "education" else 8)
    who = row.answerers.first()
    Submitted.objects.create(answerer=who, statement=row.statements.first(), form="comment", text="Too slow.")
    close_round(consultation=row, by=row.created_by)
    with pytest.raises(CannotPublish, match="1 comments have no disposition: C1"):
        publish_round(row)
    with pytest.raises(CannotMoveRound, match="report is published"):
        call_reported(consultation=row, by=row.created_by)
    Submitted.objects.all().delete()
    [edition] = publish_round(row)
    call_reported(consultation=row, by=row.created_by)
    assert (edition.number, row.stage) == (2, "reported")
    item = edition.content["report"]["items"][0]
    assert item["outcome"] == "groups-differ"
    assert {each["group"]: each["median"] for each in item["groups"]} == {
        "Criminal justice": 8,
        "Cross-sector": 8,
        "Education": 2,
        "Health": 8,
    }
    assert any(each.startswith("Education: the median is 2") for each in item["minority"])


@pytest.mark.slow
def test_the_page_shows_what_the_document_says(client):
    row = opened_round()
    protocol = client.get(f"/consultation-rounds/{row.slug}/")
    assert protocol.status_code == 200
    assert "disagreement index is at most 1" in protocol.content.decode()
    answer_all(row)
    close_round(consultation=row, by=row.created_by)
    publish_round(row)
    report = client.get(f"/consultation-rounds/{row.slug}/").content.decode()
    assert "Agreed: 7 to 9." in report
    assert "24 people were invited and 24 people answered." in report
    listed = client.get("/consultation-rounds/?state=reported").content.decode()
    assert row.title in listed
