"""Words can be taken out of everything published, by two people, and the history still proves itself."""

import hashlib
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from casestudies.models import CaseStudy
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.redaction import MARK, CannotRedact, confirm_redaction, propose_redaction
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from tests import factories
from tests.publishing.test_history import tamper

pytestmark = pytest.mark.django_db

NAME = "Zelda Quux"
REASON = "A court ordered it."


@pytest.fixture
def case(researcher, publisher):
    """A case that named somebody in its first edition, in a finding and in a note, and no longer does."""
    case = factories.case(title=f"What {NAME} did")
    case.findings.update(statement=f"{NAME.upper()}, it was found, did it.")
    for title in (case.title, "What was quuxified"):
        CaseStudy.objects.filter(pk=case.pk).update(title=title)
        case.refresh_from_db()
        submit_record(record=case, by=researcher)
        publish_record(record=case, by=publisher, note=f"About {NAME}.")
    case.findings.update(statement="It was found who did it.")
    return case


def redact(by, other, words=(NAME,)):
    return confirm_redaction(redaction=propose_redaction(words=words, by=by, note=REASON), by=other)


def stored_text():
    """Everything that readers' tables hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select e::text from publishing_edition e union all select l::text from publishing_ledgerentry l"
        )
        return "\n".join(row[0] for row in cursor.fetchall()).casefold()


@pytest.mark.slow
def test_the_words_are_gone_from_every_edition_and_note(case, researcher, publisher):
    assert NAME.casefold() in stored_text()
    redact(researcher, publisher)
    assert NAME.casefold() not in stored_text()
    assert "zelda" not in stored_text()
    first = Edition.objects.get(record_id=case.record_id, number=1)
    assert first.title == f"What {MARK} did"
    assert json.loads(first.document)["title"] == f"What {MARK} did"


@pytest.mark.slow
def test_the_history_still_verifies_and_goes_on(case, researcher, publisher):
    redact(researcher, publisher)
    assert list(find_ledger_faults()) == []
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    withdraw_record(record=case, by=publisher, note="All of it.")
    assert list(find_ledger_faults()) == []


@pytest.mark.slow
def test_two_redactions_of_one_edition_verify(case, researcher, publisher):
    redact(researcher, publisher)
    case.title = "Anything else"
    case.save()
    redact(publisher, researcher, ["was quuxified"])
    assert list(find_ledger_faults()) == []


@pytest.mark.slow
def test_the_old_hash_stays_provable(case, researcher, publisher):
    first = Edition.objects.get(record_id=case.record_id, number=1)
    before, document = first.sha256, first.document
    redact(researcher, publisher)
    entry = LedgerEntry.objects.get(edition=first, action="redacted")
    assert entry.former_sha256 == before == hashlib.sha256(document.encode()).hexdigest()
    assert (entry.note, entry.proposed_by, entry.by) == (REASON, researcher, publisher)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("publishing_edition", "title = 'Something else'"),
        ("publishing_edition", "summary = 'Something else'"),
        ("publishing_ledgerentry", "note = 'Something else'"),
        ("publishing_ledgerentry", "at = at + interval '1 microsecond'"),
        ("publishing_ledgerentry", "former_sha256 = repeat('0', 64)"),
    ],
)
def test_nothing_else_passes_for_a_redaction(case, researcher, publisher, table, change):
    redact(researcher, publisher)
    first = Edition.objects.get(record_id=case.record_id, number=1)
    action = "redacted" if "former" in change else "published"
    which = f"id = {first.pk}" if table.endswith("edition") else f"edition_id = {first.pk} and action = '{action}'"
    tamper(table, f"update {table} set {change} where {which}")
    assert any("altered" in fault for fault in find_ledger_faults())


@pytest.mark.slow
def test_words_taken_out_without_an_entry_are_noticed(case):
    first = Edition.objects.get(record_id=case.record_id, number=1)
    tamper("publishing_edition", f"update publishing_edition set title = '{MARK}' where id = {first.pk}")
    assert any("altered" in fault for fault in find_ledger_faults())


@pytest.mark.slow
def test_it_takes_two_people(case, researcher, publisher):
    proposal = propose_redaction(words=[NAME], by=researcher, note=REASON)
    with pytest.raises(CannotRedact, match="somebody else"):
        confirm_redaction(redaction=proposal, by=researcher)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(proposal).objects.filter(pk=proposal.pk).update(confirmed_by=researcher)
    confirm_redaction(redaction=proposal, by=publisher)
    with pytest.raises(CannotRedact, match="before"):
        confirm_redaction(redaction=proposal, by=publisher)


@pytest.mark.slow
def test_the_words_themselves_are_kept_nowhere(case, researcher, publisher):
    proposal = propose_redaction(words=[NAME], by=researcher, note=REASON)
    confirm_redaction(redaction=proposal, by=publisher)
    assert proposal.words == []


@pytest.mark.slow
def test_it_waits_until_the_workbench_would_not_bring_the_words_back(case, researcher, publisher):
    case.title = f"{NAME} again"
    case.save()
    with pytest.raises(CannotRedact, match="in the workbench first"):
        redact(researcher, publisher)
    assert NAME.casefold() in stored_text()


@pytest.mark.parametrize(
    ("words", "note", "reason"),
    [
        ([], REASON, "which words"),
        (["  "], REASON, "which words"),
        (["ab"], REASON, "too short"),
        ([NAME], " ", "why"),
        ([NAME], f"About {NAME.lower()}", "repeats"),
    ],
)
def test_a_proposal_that_says_too_little_or_too_much_is_refused(researcher, words, note, reason):
    with pytest.raises(CannotRedact, match=reason):
        propose_redaction(words=words, by=researcher, note=note)


@pytest.mark.slow
def test_parts_of_other_words_and_addresses_stay(researcher, publisher):
    before = dict(Edition.objects.values_list("pk", "document"))
    with pytest.raises(CannotRedact, match="Nothing published"):
        redact(researcher, publisher, ["qqqzzz"])
    assert dict(Edition.objects.values_list("pk", "document")) == before


@pytest.mark.slow
def test_readers_meet_the_mark_and_are_told_why(case, client, researcher, publisher):
    finding = case.findings.get()
    redact(researcher, publisher)
    assert MARK in client.get(f"/findings/{finding.slug}/").content.decode()
    assert REASON in client.get("/corrections/").content.decode()
    assert REASON in client.get("/changes/").content.decode()
    last = client.get("/api/v1/changes/?action=redacted").json()["results"][-1]
    assert (last["action"], last["note"]) == ("redacted", REASON)
    assert client.get(f"/case-studies/{case.slug}/v1/").status_code == 200
    for address in (f"/case-studies/{case.slug}/feed.atom", "/oai?verb=ListRecords&metadataPrefix=oai_dc"):
        assert NAME.casefold() not in client.get(address).content.decode().casefold()


@pytest.mark.slow
def test_by_hand(case, researcher, publisher, capsys):
    call_command("redact_words", NAME, "--by", "researcher", "--reason", REASON)
    number = capsys.readouterr().out.split("number ")[1].split(".")[0]
    with pytest.raises(CommandError, match="somebody else"):
        call_command("redact_words", "--by", "researcher", "--confirm", number)
    call_command("redact_words", "--by", "publisher", "--confirm", number)
    assert NAME.casefold() not in stored_text()


@pytest.mark.slow
def test_who_holds_an_answer_with_a_note_of_before_is_sent_another(researcher, publisher, client):
    case = factories.case()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note=f"Thanks to {NAME}.")
    address = f"/api/v1/case-studies/{case.slug}/"
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    redact(researcher, publisher)
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200
