"""Nobody can join a person and an answer: shown on the rows of the database before and after one answer."""

import itertools
import json
import random
import re

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from failure_lessons.history.models import Change
from failure_lessons.outbox.models import Message
from failure_lessons.publishing.models import Edition
from recommendations.consultations.invitations import invite_participants, remind_participants
from recommendations.consultations.models import Answerer, Participant, Submitted
from recommendations.consultations.pseudonyms import pseudonym_of_link
from recommendations.consultations.results import compute_results
from recommendations.consultations.services import close_round
from tests.recommendations.consultations.test_taking_part import come_in, links, send
from tests.recommendations.consultations.test_taking_part import nobody_tried_before as nobody_tried_before
from tests.recommendations.consultations.world import opened_round, publish_round

pytestmark = pytest.mark.django_db
PEOPLE = ("consultations_participant", "consultations_invitation", "outbox_message", "consultations_logline")
ANSWERS = (
    "consultations_answerer",
    "consultations_rating",
    "consultations_submitted",
    "consultations_conflict",
)


def dump(*tables):
    """The rows of tables as they lie on disk: place, transaction, and all columns as text."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"select ctid::text, xmin::text, to_jsonb(t)::text from {table} t order by ctid")
            found[table] = cursor.fetchall()
    return found


@pytest.fixture
def anonymous():
    made = opened_round(anonymity="anonymous")
    invite_participants(consultation=made, by=made.created_by)
    return made


@pytest.mark.slow
def test_an_answer_in_an_anonymous_round_moves_nothing_on_the_side_of_people(anonymous):
    found = links()
    before = dump(*PEOPLE)
    for number, link in enumerate(list(found.values())[:3]):
        browser = come_in(link)
        send(
            browser,
            "/take-part/statements/R1/",
            **{"question-clear": str(number + 1)},
            comment="Words.",
            permission="words",
        )
        send(browser, "/take-part/finish/")
        assert dump(*PEOPLE) == before
    assert Answerer.objects.filter(round=anonymous).count() == 3


@pytest.mark.slow
def test_nothing_in_a_row_of_answers_says_who_or_when(anonymous):
    found = links()
    for link in list(found.values())[:4]:
        browser = come_in(link)
        send(browser, "/take-part/statements/R1/", **{"question-clear": "5"}, comment="Words.", permission="words")
    people, answers = dump(*PEOPLE), dump(*ANSWERS)
    keys = {value for rows in people.values() for _, _, row in rows for value in re.findall(r'"([^"]{16,})"', row)}
    for rows in answers.values():
        for _, _, row in rows:
            assert not re.search(r"\d\d:\d\d", row), "a time, finer than a day"
            assert not any(key in row for key in keys)
    transactions = {xmin for rows in people.values() for _, xmin, _ in rows}
    assert transactions  # a test is one transaction, so those of the sides are told apart by `committed` tests alone
    for model in (Answerer,):
        assert not model.objects.filter(participant__isnull=False).exists()


@pytest.mark.slow
def test_the_order_of_answerers_is_not_the_order_of_people(anonymous):
    """Whoever sorts both sides in any way is right no more often than by chance: the pseudonym is all there is."""
    found = list(links().items())
    for _, link in reversed(found):
        come_in(link)
    columns = {field.attname for field in Answerer._meta.concrete_fields}
    assert columns == {
        *("id", "round_id", "group_id", "pseudonym", "participant_id", "notice_version", "consented_on"),
        *("gave_own_view", "finished_on"),
    }
    groups = dict(Participant.objects.values_list("email", "group__code"))
    arrived = list(Answerer.objects.order_by("pk").values_list("group__code", flat=True))
    assert arrived == [groups[email] for email, _ in reversed(found)]  # as they came, whatever the order of people


@pytest.mark.slow
def test_one_answer_in_a_pseudonymous_round_moves_nothing_on_the_side_of_people():
    row = opened_round()
    invite_participants(consultation=row, by=row.created_by)
    browser = come_in(next(iter(links().values())))
    before = dump(*PEOPLE)
    send(browser, "/take-part/statements/R1/", **{"question-clear": "5"}, comment="Words.", permission="words")
    assert dump(*PEOPLE) == before


def test_pseudonyms_of_a_pseudonymous_round_are_all_there_before_anybody_begins():
    row = opened_round()
    assert row.answerers.count() == row.participants.count() == 24
    order = list(row.answerers.order_by("pk").values_list("pseudonym", flat=True))
    assert order == sorted(order)


@pytest.mark.slow
def test_a_reminder_of_an_anonymous_round_brings_no_new_pseudonym(anonymous):
    before = links()
    remind_participants(consultation=anonymous, by=anonymous.created_by)
    assert links() == before
    assert Message.objects.filter(purpose="consultation-reminder", secret_sha256="").count() == 24


@pytest.mark.slow
@pytest.mark.parametrize("anonymity", ["pseudonymous", "anonymous"])
def test_no_name_or_address_of_a_participant_is_anywhere_else(anonymity, client, caplog):
    row = opened_round(anonymity=anonymity)
    words = {"quaggaone@people.example", "Zebra Person", "Okapi Trust"}
    who = row.participants.first()
    Participant.objects.filter(pk=who.pk).update(
        email="quaggaone@people.example", name="Zebra Person", organisation="Okapi Trust"
    )
    invite_participants(consultation=row, by=row.created_by)
    browser = come_in(links()["quaggaone@people.example"])
    send(browser, "/take-part/statements/R1/", **{"question-clear": "5"})
    row.refresh_from_db()
    close_round(consultation=row, by=row.created_by)

    Submitted.objects.all().delete()
    publish_round(row)
    texts = [*Edition.objects.filter(record_id=row.record_id).values_list("document", flat=True)]
    texts += [str(list(Session.objects.values())), str(list(Change.objects.order_by("-pk")[:200].values()))]
    texts += [str(rows) for rows in dump(*ANSWERS).values()]
    for address in (f"/consultation-rounds/{row.slug}/", "/consultation-rounds/", "/changes/feed.atom"):
        texts.append(client.get(address).content.decode())
    texts.append(client.get(f"/api/v1/consultation-rounds/{row.slug}/").content.decode())
    texts += [each.getMessage() for each in caplog.records]
    assert len(texts) > 10
    found = [word for word in words for text in texts if word in text]
    assert not found


def test_no_table_of_answers_has_a_key_of_people_but_in_named_rounds():
    people = {apps.get_model("consultations", name) for name in ("Participant", "Invitation")}
    sides = [
        apps.get_model("consultations", name) for name in ("Answerer", "Rating", "Submitted", "Conflict", "Disposition")
    ]
    keys = [
        (model.__name__, field.name)
        for model in sides
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model in people
    ]
    assert keys == [("Answerer", "participant")]


def test_the_figures_are_the_same_however_often_they_are_worked_out(anonymous):
    assert compute_results(anonymous) == compute_results(anonymous)


PEOPLE_ROWS = """
    select p.id, p.group_id, to_jsonb(p) || to_jsonb(i) || to_jsonb(m) || jsonb_build_object(
        'p place', p.ctid::text, 'i place', i.ctid::text, 'm place', m.ctid::text, 'p id', p.id, 'i id', i.id)
    from consultations_participant p join consultations_invitation i on i.participant_id = p.id
    join outbox_message m on m.uid = i.message_uid where p.round_id = %s
"""
ANSWERER_ROWS = """
    select a.id, a.group_id, to_jsonb(a) || jsonb_build_object('place', a.ctid::text)
    from consultations_answerer a where a.round_id = %s
"""


def list_orders(sql, row):
    """The rows of one side by group, in the order of each of its columns, both as numbers and as texts."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [row.pk])
        rows = [(pk, group, json.loads(columns)) for pk, group, columns in cursor.fetchall()]
    for name in rows[0][2]:
        for key in (lambda value: str(value), lambda value: (len(str(value)), str(value))):
            ordered = sorted(rows, key=lambda each, name=name, key=key: key(each[2][name]))
            yield [(pk, group) for pk, group, _ in ordered]


def best_guess(row, truth):
    """The most people whom an attacker places rightly, by any order of one side against any of the other, within groups."""
    best = 0
    for people, answers in itertools.product(list_orders(PEOPLE_ROWS, row), list_orders(ANSWERER_ROWS, row)):
        guessed = {}
        for group in {group for _, group in people}:
            mine, theirs = ([pk for pk, of in side if of == group] for side in (people, answers))
            guessed |= dict(zip(mine, theirs, strict=True))
        best = max(best, sum(truth[pk] == guess for pk, guess in guessed.items()))
    return best


@pytest.mark.slow
@pytest.mark.parametrize("is_broken", [False, True])
def test_whoever_holds_every_table_places_people_no_better_than_by_chance(anonymous, is_broken):
    """Twenty-four people in groups of six: chance places four. Broken: they come in in the order in which they were sent."""
    found = list(links().items())
    people = {each.email: each for each in Participant.objects.filter(round=anonymous)}
    if is_broken:
        found.sort(key=lambda each: people[each[0]].pk)
    else:
        random.Random(5).shuffle(found)  # noqa: S311  # people come in whatever order
    truth = {}
    for email, link in found:
        browser = Client()
        browser.post(link, {"what": "open"})
        send(browser, "/take-part/", agree="yes", conflicts="none")
        pseudonym = pseudonym_of_link(anonymous, link.split("/")[-2])
        truth[people[email].pk] = Answerer.objects.get(pseudonym=pseudonym).pk
    placed = best_guess(anonymous, truth)
    assert placed == 24 if is_broken else placed < 16, placed
