"""Whoever leaves leaves nothing behind that nobody sees: every sort of open work is listed, and handed over."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.bulk.models import Upload
from failure_lessons.publishing.redaction import propose_redaction
from failure_lessons.publishing.services import submit_record
from failure_lessons.workbench.models import Comment, KeptWords
from failure_lessons.workbench.open_work import all_open_work, list_open_rows
from failure_lessons.workbench.scheduling import schedule_publication
from literature.models import ReferenceImport
from tests import factories
from tests.accounts.test_signing_in import PHRASE, sign_in

NAMES = (
    "Submitted before leaving",
    "To be published at nine",
    "Is this so?",
    "My own words",
    "redactions that a second person confirms",
)
# Columns that name an account and hold nothing that could be open, and why.
NOT_WORK = {
    "accounts": "the account itself",
    "history": "what was done",
    "publishing.Submission": "what was done; the record itself is listed",
    "publishing.Edition": "what was published",
    "publishing.LedgerEntry": "what was published",
    "access": "tokens: they end with the partner’s account, and stewards see them",
    "partners": "of partners, who are programs",
    "webhooks": "of partners",
    "admin.LogEntry": "what was done",
    "account": "of signing in",
    "mfa": "of signing in",
    "usersessions": "of signing in",
    "socialaccount": "of signing in",
    "consultations.LogLine": "what was done",
    "consultations.Submitted": "who has read an answer; the round is listed",
    "consultations.ClosingMove": "what was done",
    "literature.NotDuplicate": "what was decided",
    "casestudies.OrganisationsApart": "what was decided",
    "recommendations.Departure": "what was decided",
    "literature.Candidate": "the review is open to everybody who screens",
    "literature.ScreeningVote": "a vote is whole by itself",
    "literature.ScreeningNote": "a note is whole by itself",
    "coding.SourceDocument": "done when it is attached",
    "coding.Quotation": "done when it is made",
    "coding.Use": "done when it is made",
}


def test_every_column_that_names_an_account_is_open_work_or_is_none_for_a_reason():
    listed = {(work.model.lower(), work.column) for work in all_open_work()}
    tables = {model for model, _ in listed}  # the other columns of such a table say who ended it
    missing = []
    for relation in User._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        label = relation.related_model._meta.label
        reasons = {label, label.partition(".")[0]} & NOT_WORK.keys()
        if not reasons and label.lower() not in tables:
            missing.append(f"{label}.{relation.field.name}")
    assert missing == []


@pytest.fixture
def leaver(person):
    """Somebody with one of everything that a test makes in one line."""
    made, now = person("leaver", "researcher", "publisher"), timezone.now()
    theme = factories.theme(label="Submitted before leaving")
    submit_record(record=theme, by=made)
    waits = factories.theme(label="To be published at nine")
    submit_record(record=waits, by=person("author", "researcher"))
    schedule_publication(record=waits, by=made, due_at=now + dt.timedelta(hours=2))
    about = {"record_id": waits.record_id, "model": "vocabularies.theme"}
    Comment.objects.create(**about, text="Is this so?", by=made, at=now)
    values = {"row": waits.pk, "place": "label", "label": "Label", "words": "My own words"}
    KeptWords.objects.create(**about, **values, author=made, at=now)
    Upload.objects.create(name="sheet.csv", list="vocabularies.theme", read_as="CSV", made_by=made, made_at=now)
    ReferenceImport.objects.create(name="refs.ris", text="x", form="ris", encoding="utf-8", made_by=made, made_at=now)
    propose_redaction(words=["Jane Nobody"], by=made, note="A court ordered it.")
    return made


@pytest.mark.slow
def test_open_work_is_shown_before_leaving_and_with_the_successor_afterwards(leaver, person, browser_of):
    heir, _ = person("heir", "researcher"), person("stella", "steward")
    desk = Client()
    sign_in("stella", PHRASE, desk)
    page = desk.get(f"/admin/people/{leaver.pk}/").content.decode()
    for words in (*NAMES, "sheet.csv", "refs.ris"):
        assert words in page, words
    said = {"deed": "close", "successor": str(heir.pk)}
    assert "is with account" in desk.post(f"/admin/people/{leaver.pk}/", said, follow=True).content.decode()
    for model, column in ((Upload, "made_by"), (ReferenceImport, "made_by"), (KeptWords, "author")):
        assert getattr(model.objects.get(), column) == heir
    home = browser_of(heir).get("/admin/").content.decode()
    assert "What else they left open" in home
    for words in NAMES:
        assert words in home, words


def test_what_is_settled_is_nobodys_open_work(leaver):
    Comment.objects.update(resolved_by=leaver, resolved_at=timezone.now())
    Upload.objects.update(state="done")
    words = [sort.words for sort in list_open_rows(leaver)]
    assert "open comments" not in words
    assert "spreadsheets handed in" not in words
    assert list_open_rows() == []
