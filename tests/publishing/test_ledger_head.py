"""The head of the ledger leaves the house signed, and whoever kept one finds out when the past was rewritten."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from defusedxml import ElementTree
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from failure_lessons.publishing.ledger import find_ledger_faults, pinned_revisions, revision_sha256
from failure_lessons.publishing.ledger_head import read_local_key, signed_head
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.webhooks.delivery import build_payload
from tests.publishing.test_history import tamper

pytestmark = pytest.mark.django_db

KEY, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (7, 8))


@pytest.fixture(autouse=True)
def own_key(settings):
    settings.LEDGER_KEY = KEY


def verify(head):
    """As somebody outside does it, from docs/following.md alone."""
    lines = ["failure-lessons ledger head", head["repository"], str(head["number"]), head["sha256"], head["at"]]
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(head["key"]))
    key.verify(base64.b64decode(head["signature"]), "".join(f"{line}\n" for line in lines).encode())


def newest():
    return LedgerEntry.objects.head()


def test_every_way_out_carries_the_same_signed_head(client):
    told = client.get("/.well-known/failure-lessons-ledger.json").json()
    head = told["head"]
    assert (head["number"], head["sha256"]) == (newest().number, newest().sha256)
    verify(head)
    assert told["keys"][0]["key"] == head["key"]
    assert client.get("/api/v1/changes/").json()["head"] == head
    assert head["signature"] in client.get("/ledger/").content.decode()
    assert json.loads(build_payload(newest()))["data"]["ledger"] == head
    identify = ElementTree.fromstring(client.get("/oai?verb=Identify").content)
    described = [each.text for each in identify.iter("{http://purl.org/dc/elements/1.1/}description")]
    assert [json.loads(each) for each in described] == [head]
    feed = ElementTree.fromstring(client.get("/changes/feed.atom").content)
    assert [json.loads(each.text) for each in feed if each.tag.endswith("}head")] == [head]


def test_a_head_with_another_number_does_not_verify():
    with pytest.raises(InvalidSignature):
        verify(signed_head(newest()) | {"number": 3})


def test_without_a_key_heads_go_out_unsigned(client, settings):
    settings.LEDGER_KEY = settings.LEDGER_KEY_FILE = ""
    head = client.get("/api/v1/changes/").json()["head"]
    assert (head["sha256"], head["signature"], head["key"]) == (newest().sha256, None, None)
    assert client.get("/ledger/").status_code == 200


def test_a_laptop_makes_a_key_once(tmp_path, settings):
    settings.LEDGER_KEY, settings.LEDGER_KEY_FILE = "", tmp_path / "var" / "ledger-key"
    first = signed_head(newest())["key"]
    assert signed_head(newest())["key"] == first
    read_local_key.cache_clear()
    assert signed_head(newest())["key"] == first
    assert settings.LEDGER_KEY_FILE.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["short", "AAAA", "ü"])
def test_a_key_that_is_none_is_refused_with_the_way_to_make_one(text, settings):
    settings.LEDGER_KEY = text
    with pytest.raises(ImproperlyConfigured, match="openssl rand"):
        signed_head(newest())


def test_a_kept_head_is_found_again(capsys, tmp_path):
    kept = tmp_path / "head.json"
    kept.write_text(json.dumps(signed_head(LedgerEntry.objects.get(number=40))))
    call_command("verify_history", "--expect", str(kept), "--expect", newest().sha256)
    assert "Each of the 2 heads" in capsys.readouterr().out


@pytest.mark.slow
def test_truncation_is_noticed_by_who_kept_a_head():
    kept = newest()
    tamper("publishing_ledgerentry", f"delete from publishing_ledgerentry where number > {kept.number - 50}")
    tamper(
        "publishing_editioncitation",
        "delete from publishing_editioncitation c using publishing_edition e where e.id in (c.edition_id, c.cites_id)"
        f" and e.revision > {kept.number - 50}",
    )
    tamper("publishing_edition", f"delete from publishing_edition where revision > {kept.number - 50}")
    assert list(find_ledger_faults()) == []
    with pytest.raises(CommandError, match="cut off"):
        call_command("verify_history", "--expect", kept.sha256)


@pytest.mark.slow
def test_a_chain_hashed_anew_is_noticed_by_who_kept_a_head():
    kept, previous = newest().sha256, LedgerEntry.objects.get(number=299).sha256
    tamper("publishing_edition", "update publishing_edition set title = 'Altered' where revision = 300")
    for entry in LedgerEntry.objects.filter(number__gte=300).select_related("edition").order_by("number"):
        entry.previous_sha256 = previous
        pins = pinned_revisions([entry.edition_id]).get(entry.edition_id, [])
        previous = revision_sha256(entry, entry.edition, pins)
        tamper(
            "publishing_ledgerentry",
            f"update publishing_ledgerentry set previous_sha256 = '{entry.previous_sha256}', sha256 = '{previous}'"
            f" where number = {entry.number}",
        )
    assert list(find_ledger_faults()) == []
    with pytest.raises(CommandError, match="rewritten"):
        call_command("verify_history", "--expect", kept)


def test_a_head_of_another_key_is_not_believed(tmp_path, settings):
    kept = tmp_path / "head.json"
    kept.write_text(json.dumps(signed_head(newest())))
    public = signed_head(newest())["key"]
    settings.LEDGER_KEY = OTHER
    with pytest.raises(CommandError, match="not one of ours"):
        call_command("verify_history", "--expect", str(kept))
    settings.LEDGER_FORMER_KEYS = [public]
    call_command("verify_history", "--expect", str(kept))


@pytest.mark.parametrize(
    ("member", "words"), [("sha256", "does not fit"), ("signature", "does not fit|no signed head"), ("key", "not one")]
)
def test_a_head_that_was_altered_is_not_believed(member, words, tmp_path):
    head = signed_head(newest())
    kept = tmp_path / "head.json"
    other = "B" if head[member].startswith("A") else "A"
    kept.write_text(json.dumps({**head, member: other + head[member][1:]}))
    with pytest.raises(CommandError, match=words):
        call_command("verify_history", "--expect", str(kept))


def test_a_renamed_account_leaves_the_chain_whole():
    """The chain holds the number of an account; its name stands in the account alone and can be erased there."""
    person = newest().by
    person.username = "erased"
    person.save()
    assert list(find_ledger_faults()) == []
