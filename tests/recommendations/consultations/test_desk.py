"""A facilitator runs a round in the workbench; an analyst takes answers away; neither sees what the other sees."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest
from defusedxml import ElementTree
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from failure_lessons.outbox.models import Message
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import CannotPublish
from recommendations.consultations import erasure
from recommendations.consultations.comments_desk import digest_words
from recommendations.consultations.erasure import erase_again, erase_expired, erase_person, export_person
from recommendations.consultations.invitations import invite_participants
from recommendations.consultations.models import (
    Answerer,
    ConsultationRound,
    Disposition,
    LogLine,
    Participant,
    Rating,
    Submitted,
)
from recommendations.consultations.moderation import agree_on_comment, decide_comment, read_words
from recommendations.consultations.pseudonyms import pseudonym_of
from recommendations.consultations.services import CannotMoveRound, call_reported, close_round
from recommendations.models import ConsultationTemplate
from tests.recommendations.consultations.world import (
    DAY,
    announced_round,
    answer_all,
    opened_round,
    people,
    publish_round,
)

pytestmark = pytest.mark.django_db
TABLE = "email;name;group\nana@people.example;Ana;health\nbo@people.example;Bo;Prison governor or senior probation leader with experience of recovery\n"


def page(name, *args):
    return reverse(f"admin:consultations_consultationround_{name}", args=args)


@pytest.fixture
def desk(person, browser_of):
    return browser_of(person("facilitator-one", "facilitator"))


def closed_round(**values):
    """Answered by everybody, with two comments, and closed."""
    row = opened_round(**values)
    first, second = answer_all(row)[:2]
    for who, text in ((first, "Ana of Okapi Trust says no."), (second, "=HYPERLINK(1)")):
        Submitted.objects.create(
            answerer=who, statement=row.statements.first(), form="comment", text=text, permission="paraphrase"
        )
    close_round(consultation=row, by=row.created_by)
    return row


@pytest.mark.slow
def test_a_round_is_set_up_from_the_template_in_a_form(desk):
    editions = Edition.objects.current().of_kind("recommendation")[:2]
    sent = {
        "title": "A round",
        "slug": "a-round",
        "template": ConsultationTemplate.objects.get().pk,
        "editions": [each.pk for each in editions],
        "opens_at": "2027-01-11",
        "closes_at": "2027-02-01",
        "anonymity": "anonymous",
        "contact": "office@example.org",
    }
    assert desk.get(page("set_up")).status_code == 200
    assert desk.post(page("set_up"), {**sent, "closes_at": "2027-01-01"}).status_code == 400
    assert desk.post(page("set_up"), sent).status_code == 302
    row = ConsultationRound.objects.get(slug="a-round")
    assert (row.statements.count(), row.groups.count(), row.questions.count()) == (2, 4, 4)
    assert desk.get(page("change", row.pk)).status_code == 200


def test_people_are_looked_at_first_and_taken_in_whole_or_not_at_all(desk):
    row = announced_round()
    bad = TABLE + "not-an-address;X;health\nana@people.example;Twice;health\nc@people.example;=1+1;nowhere\n"
    answer = desk.post(page("people", row.pk), {"text": bad, "what": "take"})
    told = answer.content.decode()
    assert answer.status_code == 400
    assert not row.participants.exists()
    for words in ("no e-mail address", "stands here twice", "begins like a formula", "no reporting group"):
        assert words in told
    assert desk.post(page("people", row.pk), {"text": TABLE, "what": "look"}).status_code == 200
    assert not row.participants.exists()
    assert desk.post(page("people", row.pk), {"text": TABLE, "what": "take"}).status_code == 302
    assert dict(row.participants.values_list("email", "group__code")) == {
        "ana@people.example": "health",
        "bo@people.example": "criminal-justice",
    }


def test_buttons_move_a_round_and_say_why_they_cannot(desk):
    row = announced_round()
    desk.post(page("people", row.pk), {"text": TABLE, "what": "take"})
    for what in ("open", "invite", "remind"):
        desk.post(page("run", row.pk), {"what": what})
    row.refresh_from_db()
    assert row.stage == "open"
    assert Message.objects.filter(purpose__startswith="consultation-").count() == 4
    told = desk.post(page("run", row.pk), {"what": "later", "closes_at": "2020-01-01", "reason": "x"}, follow=True)
    assert "only moves later" in told.content.decode()
    desk.post(page("run", row.pk), {"what": "close"})
    row.refresh_from_db()
    assert row.stage == "closed"
    assert {"imported", "invited", "reminded", "moved"} <= set(row.log_lines.values_list("act", flat=True))


@pytest.mark.slow
def test_a_facilitator_sees_who_has_finished_and_never_what(desk):
    row = opened_round()
    answer_all(row, lambda group, place: 4)
    Participant.objects.filter(round=row, email="health-1@people.example").update(standing="answered")
    seen = desk.get(page("run", row.pk)).content.decode()
    assert "health-1@people.example" in seen
    assert not any(pseudonym in seen for pseudonym in row.answerers.values_list("pseudonym", flat=True))
    assert desk.get(page("answers", row.pk)).status_code == 403
    hidden = opened_round(anonymity="anonymous")
    assert "nobody knows who has answered" in desk.get(page("run", hidden.pk)).content.decode()


@pytest.mark.slow
def test_an_analyst_takes_answers_away_with_a_purpose_and_no_names(person, browser_of):
    row = closed_round()
    desk = browser_of(person("analyst-one", "analyst"))
    assert desk.get(page("run", row.pk)).status_code == 403
    assert desk.get(page("comments", row.pk)).status_code == 403
    assert desk.post(page("answers", row.pk), {"file": "ratings-long.csv"}).status_code == 400
    files = {}
    for name in ("ratings-long.csv", "ratings-wide.csv", "codebook.csv", "comments.qdpx"):
        answer = desk.post(page("answers", row.pk), {"file": name, "purpose": "The report."})
        files[name] = answer.content
    rows = list(csv.DictReader(io.StringIO(files["ratings-long.csv"].decode("utf-8-sig"))))
    assert len(rows) == 24 * 2 * 4
    assert {each["value"] for each in rows} == {"8"}
    assert len(list(csv.reader(io.StringIO(files["ratings-wide.csv"].decode("utf-8-sig"))))) == 25
    with zipfile.ZipFile(io.BytesIO(files["comments.qdpx"])) as archive:
        tree = ElementTree.fromstring(archive.read("project.qde"))
        texts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("sources/")]
    space = "{urn:QDA-XML:project:1.0}"
    assert len(tree.findall(f"{space}Cases/{space}Case")) == len(tree.findall(f"{space}Sources/{space}TextSource")) == 2
    assert set(texts) == {"Ana of Okapi Trust says no.", "=HYPERLINK(1)"}
    assert not any(b"people.example" in data for data in files.values())
    assert LogLine.objects.filter(round=row, act="taken", purpose__contains="The report.").count() == 4


def seen(comment):
    """A comment as a form names it, as it stands."""
    row = Submitted.objects.get(pk=comment.pk)
    return f"{row.pk}:{digest_words(row, getattr(row, 'disposition', None))}"


@pytest.mark.slow
def test_every_comment_is_read_by_two_and_answered_by_two(person, browser_of, client):
    row = closed_round()
    one, two = (browser_of(person(name, "facilitator")) for name in ("one", "two"))
    first, second = Submitted.objects.filter(answerer__round=row).order_by("number")
    where = page("comments", row.pk)
    told = one.post(where, {"comment": first.pk, "what": "read", "public_text": first.text}, follow=True)
    assert "write a paraphrase" in told.content.decode()
    one.post(where, {"comment": first.pk, "what": "read", "public_text": "A participant disagrees."})
    told = one.post(where, {"seen": seen(first), "what": "confirm"}, follow=True)
    assert "Two people read a comment" in told.content.decode()
    two.post(where, {"seen": seen(first), "what": "confirm"})
    told = one.post(
        where, {"comment": first.pk, "what": "decide", "outcome": "accepted", "reason": "Yes."}, follow=True
    )
    assert "An accepted comment names its change." in told.content.decode()
    one.post(where, {"comment": first.pk, "what": "decide", "outcome": "accepted", "reason": "Yes.", "change": "R1"})
    told = one.post(where, {"seen": seen(first), "what": "agree"}, follow=True)
    assert "Somebody else has to agree with what you proposed." in told.content.decode()
    with pytest.raises(CannotPublish, match="no disposition"):
        publish_round(row)
    one.post(where, {"comment": second.pk, "what": "decide", "outcome": "withheld", "reason": "It is no comment."})
    with pytest.raises(CannotPublish, match="second person"):
        publish_round(row)
    for each in (first, second):
        two.post(where, {"seen": seen(each), "what": "agree"})
    publish_round(row)
    call_reported(consultation=row, by=row.created_by)
    shown = client.get(f"/consultation-rounds/{row.slug}/").content.decode()
    assert "A participant disagrees." in shown
    assert "Okapi" not in shown
    assert "HYPERLINK" not in shown
    assert "It is no comment." in shown


def as_number(cell):
    """A cell as CSV and Excel both mean it."""
    return float(cell) if str(cell).replace(".", "", 1).isdigit() else cell


@pytest.mark.slow
def test_page_api_and_tables_say_the_same_numbers(client):
    row = opened_round()
    answer_all(row, lambda group, place: 2 if group == "education" else 6 + place % 4)
    close_round(consultation=row, by=row.created_by)
    publish_round(row)
    stored = row.results["items"]
    api = client.get(f"/api/v1/consultation-rounds/{row.slug}/").json()["report"]["items"]
    assert [(each["statement"], each["panel"]["counts"]) for each in api] == [
        (each["statement"], each["panel"]["counts"]) for each in stored
    ]
    text = client.get(f"/consultation-rounds/{row.slug}/results.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/consultation-rounds/{row.slug}/results.xlsx").content))
    cells = [[cell.value for cell in line] for line in book.active.iter_rows(min_row=2)]
    page_text = client.get(f"/consultation-rounds/{row.slug}/").content.decode()
    assert len(rows) == len(cells) == len(stored) * 5
    for item in stored:
        for name, figures in (("Everybody", item["panel"]), *((each["group"], each) for each in item["groups"])):
            [line] = [
                each
                for each in rows
                if (each["Statement"], each["Question"], each["Group"]) == (item["statement"], item["question"], name)
            ]
            assert [int(line[f"Rated {value}"]) for value in range(1, 10)] == figures["counts"]
            assert " · ".join(map(str, figures["counts"])) in page_text
    assert [[*map(as_number, line)] for line in cells] == [[*map(as_number, line.values())] for line in rows]
    for name, start in (("report.docx", b"PK"), ("report.pdf", b"%PDF")):
        assert client.get(f"/consultation-rounds/{row.slug}/{name}").content.startswith(start)


@pytest.mark.slow
def test_a_person_is_handed_everything_and_erased_everywhere(tmp_path, settings):
    settings.ERASURE_LOG = tmp_path / "erasures.jsonl"
    row = opened_round()
    invite_participants(consultation=row, by=row.created_by)
    answer_all(row)
    who = row.participants.get(email="health-1@people.example")
    name = pseudonym_of(who)
    held = export_person(email="HEALTH-1@people.example", by=row.created_by)["rounds"]
    assert len(held[0]["answers"]["answers"]) == 8
    kept = list(Participant.objects.filter(pk=who.pk).values())
    assert erase_person(email="health-1@people.example", by=row.created_by) == 1
    assert not Participant.objects.filter(pk=who.pk).exists()
    assert not Answerer.objects.filter(pseudonym=name).exists()
    assert not Message.objects.filter(recipient__icontains="health-1@").exists()
    assert "health-1" not in settings.ERASURE_LOG.read_text()
    Participant.objects.bulk_create(Participant(**each) for each in kept)  # a backup is put back
    assert erase_again() == 1
    assert not Participant.objects.filter(email="health-1@people.example").exists()


@pytest.mark.slow
def test_a_page_hands_over_and_erases_without_showing_staff_what_a_pseudonym_answered(desk, tmp_path, settings):
    settings.ERASURE_LOG = tmp_path / "erasures.jsonl"
    row = opened_round()
    answer_all(row)
    sent = {"email": "health-1@people.example", "what": "hand"}
    held = json.loads(desk.post(page("person"), sent).content)["rounds"][0]
    assert held["email"] == "health-1@people.example"
    assert "by their own link" in held["answers"]
    assert desk.post(page("person"), {**sent, "what": "erase", "again": "health-2@people.example"}).status_code == 400
    assert desk.post(page("person"), {**sent, "email": "nobody@people.example"}).status_code == 400
    assert row.participants.count() == row.answerers.count() == 24
    assert desk.post(page("person"), {**sent, "what": "erase", "again": "Health-1@people.example"}).status_code == 302
    assert row.participants.count() == row.answerers.count() == 23
    assert LogLine.objects.filter(act="erased", by__username="facilitator-one").count() == 1
    assert desk.get(page("person")).status_code == 200


def test_the_page_of_a_person_is_for_facilitators_alone(person, browser_of):
    for role in ("analyst", "researcher", "publisher"):
        assert browser_of(person(f"{role}-three", role)).get(page("person")).status_code == 403


def test_an_erasure_that_is_killed_before_its_end_is_carried_out_by_the_next_run(tmp_path, settings, monkeypatch):
    """Killed between file and database: the file was written first, so nobody is forgotten."""
    settings.ERASURE_LOG = tmp_path / "erasures.jsonl"
    row = opened_round()

    def die(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "erase_participant", die)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            erase_person(email="health-1@people.example", by=None)
    assert row.participants.count() == 24
    call_command("erase_expired")
    assert not row.participants.filter(email="health-1@people.example").exists()


@pytest.mark.slow
def test_contacts_go_after_the_retention_and_the_answers_stay(tmp_path, settings):
    settings.ERASURE_LOG = tmp_path / "erasures.jsonl"
    row = opened_round(retention_days=30)
    answer_all(row)
    close_round(consultation=row, by=row.created_by)
    publish_round(row)
    call_reported(consultation=row, by=row.created_by)
    assert erase_expired(timezone.now() + 29 * DAY) == 0
    assert erase_expired(timezone.now() + 31 * DAY) == 1
    assert not row.participants.exists()
    assert Rating.objects.filter(answerer__round=row).count() == 24 * 8
    assert LogLine.objects.get(round=row, act="expired").number == 24


def test_one_command_hands_over_and_erases(capsys, tmp_path, settings):
    settings.ERASURE_LOG = tmp_path / "erasures.jsonl"
    row = opened_round()
    call_command("person_data", "health-2@people.example")
    assert json.loads(capsys.readouterr().out)["rounds"][0]["round"] == row.title
    call_command("person_data", "health-2@people.example", "--erase")
    assert "Erased in 1 rounds." in capsys.readouterr().out
    call_command("erase_expired")


@pytest.mark.slow
def test_what_was_said_to_be_kept_back_is_never_published():
    row = closed_round()
    comment = Submitted.objects.filter(answerer__round=row).first()
    Submitted.objects.filter(pk=comment.pk).update(number=comment.number)
    one, two = people("one", "two")
    made = decide_comment(submitted=comment, outcome="repeats", reason="See another.", by=one, repeats=comment)
    with pytest.raises(CannotMoveRound, match="Somebody else has to agree"):
        agree_on_comment(disposition=made, by=one)
    agree_on_comment(disposition=made, by=two)
    decide_comment(submitted=comment, outcome="out-of-scope", reason="Changed.", by=two)
    assert Disposition.objects.get().agreed_by is None
    with pytest.raises(CannotMoveRound):
        read_words(submitted=comment, public_text=comment.text, by=one)
