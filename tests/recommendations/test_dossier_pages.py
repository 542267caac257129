"""The workbench's pages of dossiers: pasting, asking with letters, judging by two people, what to look at next."""

import io

import pytest
from django.urls import reverse
from docx import Document
from pypdf import PdfReader

from recommendations.follow_up.models import FollowUp

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(person, browser_of):
    """Somebody who writes, at their desk."""
    return browser_of(person("writer", "researcher"))


@pytest.fixture
def dossier(shipped):
    return FollowUp.objects.get(recommendation__code="R7")


def page(name, dossier, *args):
    return reverse(f"admin:follow_up_followup_{name}", args=[dossier.pk, *args])


def row(**changes):
    cells = {"code": "R7-A1", "body": "care-quality-commission", "role": "", "date": "2027-01-15"}
    cells |= {"position": "Accepted in part", "says": "Yes, but.", "source": "nhse-2026-ftsu-support", **changes}
    return "\t".join(cells.values())


def test_the_form_of_a_dossier_is_one_page_with_its_tools(desk, dossier):
    text = desk.get(reverse("admin:follow_up_followup_change", args=[dossier.pk])).content.decode()
    for words in ("Ask", "Judge", "Looked", "Paste responses", "Paste actions", "What to look at next"):
        assert words in text


def test_pasted_responses_are_shown_before_they_are_added(desk, dossier):
    address = page("paste", dossier, "response")
    seen = desk.post(address, {"text": row()})
    assert "Add\n" in seen.content.decode() or "Add 1 row" in " ".join(seen.content.decode().split())
    assert not dossier.responses.exists()
    assert desk.post(address, {"text": row(), "_add": "1"}).status_code == 302
    made = dossier.responses.get()
    assert (made.stance, made.says, made.citations.get().reference.slug) == (
        "accepted-in-part",
        "Yes, but.",
        "nhse-2026-ftsu-support",
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"position": "agreed"}, "is not known"),
        ({"body": "cqc"}, "there is no"),
        ({"date": "soon"}, "is not an EDTF date"),
        ({"source": ""}, "source: empty"),
        ({"source": "nhse-2026-ftsu-support", "place": "p. 1", "quotation": "word " * 41}, "at most 40"),
    ],
)
def test_pasted_rows_with_faults_add_nothing_and_lose_nothing(desk, dossier, changes, words):
    text = row(**changes)
    answer = desk.post(page("paste", dossier, "response"), {"text": text, "_add": "1"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert text.split("\t")[5] in answer.content.decode()
    assert not dossier.responses.exists()


@pytest.mark.parametrize(
    "text", ["a\0b", "x" * 1_000_001, '=HYPERLINK("http://evil.example")', "<script>alert(1)</script>"]
)
def test_strange_pastes_are_refused_by_name_and_escaped(desk, dossier, text):
    answer = desk.post(page("paste", dossier, "action"), {"text": text})
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.content.decode()


def test_a_response_of_a_stranger_is_refused_by_the_rule(desk, dossier):
    answer = desk.post(page("paste", dossier, "response"), {"text": row(body="ofsted"), "_add": "1"})
    assert answer.status_code == 422
    assert "comes from an addressee or its successor" in answer.content.decode()
    assert not dossier.responses.exists()


def test_asking_is_written_down_with_its_letters(desk, dossier):
    whom = dossier.addressees.get()
    for form in ("docx", "pdf"):
        letter = desk.get(reverse("admin:follow_up_followup_letter", args=[whom.pk, form]))
        assert letter.status_code == 200
        text = (
            "\n".join(each.text for each in Document(io.BytesIO(letter.content)).paragraphs)
            if form == "docx"
            else PdfReader(io.BytesIO(letter.content)).pages[0].extract_text()
        )
        assert "We ask for your answer" in text
        assert "R7" in text
    sent = {
        "addressee": whom.pk,
        "day": "2026-11-28",
        "how": "by letter",
        "proof": "Posted.",
        "answer_due": "2027-01-31",
    }
    assert desk.post(page("ask", dossier), {**sent, "answer_due": "2026-11-01"}).status_code == 422
    assert desk.post(page("ask", dossier), sent).status_code == 302
    whom.refresh_from_db()
    assert (str(whom.answer_due), whom.proof) == ("2027-01-31", "Posted.")
    again = desk.get(reverse("admin:follow_up_followup_letter", args=[whom.pk, "docx"]))
    assert "letter-2-" in again["Content-Disposition"]
    assert desk.post(page("ask", dossier), {**sent, "day": "2027-02-01", "answer_due": ""}).status_code == 302
    assert whom.reminders.get().number == 2


def test_two_people_judge_on_the_page(desk, dossier, person, browser_of):
    form = {"implementation": "done", "effect": "not-known", "basis": ["self-report"], "reason": "It says so."}
    form |= {"known_to": "2026", "sources": "nhse-2026-ftsu-support"}
    refused = desk.post(page("judge", dossier), form)
    assert "Done rests on more than the bodys word" in refused.content.decode()
    assert desk.post(page("judge", dossier), {**form, "basis": ["audit"]}).status_code == 302
    desk.post(page("agree", dossier))
    assert dossier.assessments.get().status == "provisional"
    browser_of(person("second", "researcher")).post(page("agree", dossier))
    assert dossier.assessments.get().status == "current"


def test_a_search_is_recorded_and_the_queue_says_what_is_next(desk, dossier):
    assert (
        desk.post(page("look", dossier), {"day": "2026-11-28", "where": "Its site", "found": "no response"}).status_code
        == 302
    )
    assert dossier.looks.get().where == "Its site"
    text = " ".join(desk.get(reverse("admin:follow_up_followup_queue")).content.decode().split())
    assert "A judgement waits for a second person (54)" in text
    assert "Asked of nobody yet (18)" in text


def test_who_may_not_change_a_dossier_cannot_ask(dossier, person, browser_of):
    assert browser_of(person("reader")).post(page("ask", dossier), {}).status_code in (302, 403)
    assert dossier.addressees.get().asked_day is None
