"""Source documents come in by content alone, keep their text, and refuse what is hostile, locked or without words."""

import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from pypdf import PdfReader, PdfWriter

from failure_lessons.coding.extraction import extract_text
from failure_lessons.coding.models import SourceDocument, SourceFile
from failure_lessons.coding.services import CannotAttach, attach_document, detach_document, quote_words
from failure_lessons.history.models import Change
from tests import factories
from tests.coding import files
from tests.coding.conftest import TEXT

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_a_pdf_is_told_from_its_bytes_and_kept_page_by_page(coder):
    data = files.pdf("Alpha was here.", "Beta was not.", labels=True)
    made = attach_document(reference=factories.reference(), name="C:\\tmp\\..\\paper.txt", data=data, by=coder)
    assert (made.kind, made.name, made.sha256) == ("pdf", "paper.txt", hashlib.sha256(data).hexdigest())
    file = made.file
    assert bytes(file.data) == data
    assert [file.text[slice(*file.span_of(page))].strip() for page in (1, 2)] == ["Alpha was here.", "Beta was not."]
    assert file.labels == ["i", "1"]
    assert made.access == "private"


@pytest.mark.slow
def test_a_word_file_is_kept_with_its_tables_in_order(coder):
    data = files.word("First.", "Second.", table=[["a", "b"], ["c", "d"]])
    made = attach_document(reference=factories.reference(), name="notes.pdf", data=data, by=coder)
    assert made.kind == "docx"
    assert made.file.text == "First.\nSecond.\na\tb\nc\td"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Café\r\nnoir".encode(), "Café\nnoir"),
        ("\ufeffCafé".encode(), "Café"),
        ("Café".encode("latin-1"), "Café"),
        ("Café “x”".encode("cp1252"), "Café “x”"),
        ("Café au lait".encode("utf-16"), "Café au lait"),
        ("\ufeffCafé au lait".encode("utf-16-be"), "Café au lait"),
        ("\ufeffCafé \U0001f600".encode("utf-16-le"), "Café \U0001f600"),
    ],
)
def test_plain_text_is_read_in_its_character_set(data, text):
    assert extract_text(data).text == text


def test_a_long_text_is_shown_in_parts_that_are_the_whole(coder):
    text = "".join(f"Line {number} of many, many lines.\n" for number in range(2000)) + "x" * 20_000
    file = attach_document(reference=factories.reference(), name="a", data=text.encode(), by=coder).file
    parts = [file.text[slice(*file.span_of(page))] for page in range(1, len(file.pages) + 1)]
    assert "".join(parts) == text
    assert len(parts) > 10
    assert max(map(len, parts)) <= 6_000
    assert all(file.page_of(place) == page for page, place in enumerate(file.pages, start=1))


def hostile():
    sound = files.word("Words.")
    yield "empty", b"  \n", "is empty"
    yield "scan", files.pdf("", ""), "it is a scan"
    yield "broken pdf", b"%PDF-1.7\n" + b"\xde\xad" * 500, "damaged"
    yield "cut-off pdf", files.pdf("Alpha")[:200], "damaged"
    yield "bomb", files.replaced(sound, "word/extra.xml", files.bomb()), "times its size"
    yield "many parts", files.archive({f"{n}.xml": b"x" for n in range(5001)}), "5,001 parts"
    yield "path", files.archive({"../../etc/cron.d/x": b"x", "word/document.xml": b"<a/>"}), "leads elsewhere"
    yield "absolute", files.archive({"/etc/passwd": b"x"}), "leads elsewhere"
    yield "drive", files.archive({"C:/x": b"x"}), "leads elsewhere"
    yield "link", files.archive({"word/document.xml": b"/etc/passwd"}, links=["word/document.xml"]), "a link"
    yield "xxe", files.replaced(sound, "word/document.xml", files.XXE + "<x>&f;</x>"), "entities"
    yield "laughs", files.replaced(sound, "word/document.xml", files.LAUGHS + "<x>&c;</x>"), "entities"
    yield "hidden xxe", files.replaced(sound, "word/footnotes.xml", files.XXE + "<x/>"), "entities"
    yield "cut-off docx", sound[: len(sound) // 2], "damaged"
    yield "corrupt docx", sound.replace(b"word/document.xml", b"word/dokument.xml"), "no Word file"
    yield "spreadsheet", files.archive({"xl/workbook.xml": b"<a/>"}), "no Word file"
    yield "no xml", files.replaced(sound, "word/document.xml", "not xml"), "no well-formed XML"
    yield "wrong xml", files.replaced(sound, "word/document.xml", "<a/>"), "damaged"
    yield "old word", b"\xd0\xcf\x11\xe0\xa1\xb1", "old Word file"
    yield "program", b"MZ\x90\x00" + b"\x00" * 200, "a program"
    yield "picture", b"\x89PNG\r\n\x1a\n", "a picture"
    yield "binary", bytes(range(256)) * 20, "neither PDF"
    yield "no words", b"... --- ...", "no words"


@pytest.mark.slow
def test_what_cannot_be_kept_is_refused_and_changes_nothing(coder, subtests):
    before = SourceDocument.objects.count()
    for name, data, reason in hostile():
        with subtests.test(name):
            with pytest.raises(CannotAttach, match=reason):
                attach_document(reference=factories.reference(), name="x.docx", data=data, by=coder)
            assert SourceDocument.objects.count() == before
            assert not SourceFile.objects.filter(document__attached_by=coder).exists()


def test_a_locked_pdf_says_that_it_is_locked(coder):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(files.pdf("Alpha"))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(CannotAttach, match="locked"):
        attach_document(reference=factories.reference(), name="x.pdf", data=out.getvalue(), by=coder)


def test_too_large_a_file_is_refused(coder, settings):
    settings.SOURCE_DOCUMENT_BYTES = 1_000_000
    with pytest.raises(CannotAttach, match="At most 1 MB"):
        attach_document(reference=factories.reference(), name="x", data=b"a" * 1_000_001, by=coder)


def test_the_same_file_is_attached_once_to_a_reference(document, coder):
    with pytest.raises(CannotAttach, match="already"):
        attach_document(reference=document.reference, name="again.txt", data=TEXT.encode(), by=coder)
    assert attach_document(reference=factories.reference(), name="again.txt", data=TEXT.encode(), by=coder).pk


def test_an_open_document_needs_a_licence_note(document, coder):
    with pytest.raises(CannotAttach, match="licence"):
        attach_document(reference=document.reference, name="x", data=b"Words.", by=coder, access="open")
    with pytest.raises(DatabaseError, match="an_open_document_has_a_licence_note"), transaction.atomic():
        SourceDocument.objects.filter(pk=document.pk).update(access="open")


def test_kept_text_never_changes(document):
    with pytest.raises(DatabaseError, match="kept_text"), transaction.atomic():
        SourceFile.objects.filter(document=document).update(text="Other words.")


def test_a_document_that_is_quoted_stays(document, coder):
    quote_words(document=document, words="Staff spoke of relief", by=coder)
    with pytest.raises(CannotAttach, match="rest on this document"):
        detach_document(document=document, by=coder)


def test_attaching_is_in_the_history_without_the_bytes(document, coder, browser_of):
    change = Change.objects.of(document).get()
    assert (change.by, change.operation, change.after["name"]) == (coder, "insert", "notes.txt")
    assert "data" not in change.after
    address = reverse("admin:coding_sourcedocument_history", args=[document.pk])
    assert "notes.txt" in browser_of(coder).get(address).content.decode()


@pytest.mark.slow
def test_a_file_is_attached_and_read_through_the_pages(coder, browser_of):
    desk, reference = browser_of(coder), factories.reference()
    address = reverse("admin:coding_sourcedocument_add")
    file = SimpleUploadedFile("paper.exe", files.pdf("Alpha was here."), "application/x-evil")
    answer = desk.post(address, {"reference": reference.slug, "file": file, "access": "private"})
    made = SourceDocument.objects.get(reference=reference)
    assert answer["Location"] == reverse("admin:coding_sourcedocument_read", args=[made.pk])
    assert "Alpha was here." in desk.get(answer["Location"]).content.decode()
    for wrong in ("99999999999999999999", "0", "-1", "x", "\0"):
        assert desk.get(answer["Location"], {"page": wrong, "find": "Alpha\0"}).status_code == 200
    refused = desk.post(
        address, {"reference": "no-such", "file": SimpleUploadedFile("a.pdf", b"%PDF-"), "access": "private"}
    )
    assert refused.status_code == 422
    assert "There is no reference with this key" in refused.content.decode()
    broken = SimpleUploadedFile("a.pdf", b"%PDF-")
    refused = desk.post(address, {"reference": reference.slug, "file": broken, "access": "private"})
    assert "damaged" in refused.content.decode()


ROLES = {"researcher": 200, "reviewer": 200, "publisher": 200, "steward": 403, "partner": 403}


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_a_private_document(role, document, coder, person, browser_of):
    quotation = quote_words(document=document, words="Staff spoke of relief", by=coder)
    desk = browser_of(person("somebody", role))
    for name in ("read", "file"):
        answer = desk.get(reverse(f"admin:coding_sourcedocument_{name}", args=[document.pk]))
        assert answer.status_code == ROLES[role]
    seen = desk.get(reverse("admin:coding_quotation_change", args=[quotation.pk])).status_code
    assert seen == (200 if ROLES[role] == 200 else 404)
    SourceDocument.objects.filter(pk=document.pk).update(access="open", licence="OGL v3.0")
    answer = desk.get(reverse("admin:coding_sourcedocument_read", args=[document.pk]))
    assert answer.status_code == (403 if role == "partner" else 200)


def test_a_download_is_saved_and_never_opened(document, coder, browser_of, client):
    SourceDocument.objects.filter(pk=document.pk).update(name='no"tes\n é.html')
    address = reverse("admin:coding_sourcedocument_file", args=[document.pk])
    answer = browser_of(coder).get(address)
    assert answer.content == TEXT.encode()
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''no%22tes%0A%20%C3%A9.html"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("role", ["reviewer", "publisher", "steward"])
def test_only_researchers_attach_and_quote(role, document, person, browser_of):
    desk = browser_of(person("somebody", role))
    assert desk.get(reverse("admin:coding_sourcedocument_add")).status_code == 403
    address = reverse("admin:coding_sourcedocument_read", args=[document.pk])
    assert desk.post(address, {"words": "Staff spoke"}).status_code == 403
    assert desk.get(reverse("admin:coding_qdaimport_add")).status_code == 403
    assert not document.quotations.exists()
