"""One page for the minister: exactly one sheet, nothing below ten points, nothing beyond the margins, nothing cut."""

import io
import itertools
import re
import shutil
import subprocess

import pypdfium2
import pytest
from pptx import Presentation
from pypdf import PdfReader
from pypdfium2 import raw

from failure_lessons.library.resolve import ResolvedObject
from failure_lessons.pages.brief.wording import departures, related
from failure_lessons.publishing.fields import flatten_fields, value_at
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies.labels import known_labels
from tests.helpers import parse_page

pytestmark = pytest.mark.django_db
CODES = [f"R{number}" for number in range(1, 19)]
TRIPLES = [("R1", "R2", "R3"), ("R5", "R6", "R7"), ("R8", "R17", "R1"), ("R4", "R11", "R12"), ("R9", "R10", "R16")]
TRIPLES += [("R13", "R14", "R15"), ("R7", "R12", "R18"), ("R10", "R4", "R14")]
LEAST_TYPE, LEAST_MARGIN = 10, 15  # points; millimetres
A4 = (210, 297)
SCALE = 2  # pixels of a point, when ink is looked for


def query_of(codes, more=""):
    return "&".join([*(f"r={code}.1" for code in codes), *([more] if more else [])])


def pdf_of(client, query):
    answer = client.get(f"/brief/brief.pdf?{query}")
    assert answer["Content-Type"] == "application/pdf"
    return answer.content


def squeezed(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())


def measure(content):
    """Pages, size in millimetres, smallest type in points, narrowest margin in millimetres, and the text."""
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0]
        size = tuple(round(each / 72 * 25.4) for each in page.get_size())
        text = page.get_textpage()
        count = text.count_chars()
        sizes = [raw.FPDFText_GetFontSize(text, at) for at in range(count) if text.get_text_range(at, 1).strip()]
        picture = page.render(scale=SCALE).to_pil().convert("L").point(lambda shade: 255 if shade < 250 else 0)
        left, top, right, bottom = picture.getbbox()
        gaps = (left, top, picture.width - right, picture.height - bottom)
        margin = min(gaps) / SCALE / 72 * 25.4
        return len(document), size, min(sizes), margin, text.get_text_bounded()
    finally:
        document.close()


def assert_one_sheet(content, told):
    pages, size, smallest, margin, text = measure(content)
    assert pages == 1
    assert size == A4
    assert smallest >= LEAST_TYPE - 0.01
    assert margin >= LEAST_MARGIN
    words = squeezed(text)
    assert [each for each in told if squeezed(each) not in words] == []


def told_by(codes):
    """Whatever the page of these recommendations has to hold."""
    for code in codes:
        content = Edition.objects.current().get(code=code).content
        short = content["short_form"]
        yield from (short[name] for name in ("question", "action", "sureness", "against"))
        yield from (*short["steps"], content["owner"], content["timescale"]["label"])


@pytest.mark.slow
@pytest.mark.parametrize("codes", [*((code,) for code in CODES), *TRIPLES], ids="-".join)
def test_the_first_page_is_one_sheet_that_holds_all_of_it(codes, client):
    assert_one_sheet(pdf_of(client, query_of(codes, "pages=1")), told_by(codes))


def test_a_note_of_the_length_that_the_page_promises_fits_too(client):
    note = ("words of a reader " * 20)[:300].strip()
    assert_one_sheet(pdf_of(client, query_of(("R8", "R17", "R1"), f"pages=1&note={note}")), [note])


@pytest.mark.slow
@pytest.mark.parametrize("codes", [("R8",), ("R5",), ("R6",), *TRIPLES[:4]], ids="-".join)
def test_three_pages_are_three_at_most(codes, client):
    assert len(pypdfium2.PdfDocument(pdf_of(client, query_of(codes, "pages=3")))) <= 3


@pytest.mark.slow
def test_a_longer_brief_begins_with_the_same_page(client):
    alone, whole = (measure(pdf_of(client, query_of(("R8",), more)))[4] for more in ("pages=1", ""))
    for told in told_by(("R8",)):
        assert squeezed(told) in squeezed(alone)
        assert squeezed(told) in squeezed(whole)


@pytest.mark.slow
def test_every_situation_is_one_sheet_with_answer_sureness_doubts_and_steps(client):
    situations = Edition.objects.current().of_kind("situation")
    assert len(situations) > 10
    for edition in situations:
        (sheet,) = PdfReader(io.BytesIO(client.get(f"/brief/brief.pdf?pages=1&r={edition.code}").content)).pages
        words = "".join(sheet.extract_text().split())
        record = edition.content
        for text in (record["question"], record["answer"], record["confidence_reason"], *record["steps"]):
            assert "".join(text.split())[:40] in words, (edition.code, text)
        assert "Whatspeaksagainstit" in words


@pytest.mark.slow
def test_what_does_not_fit_is_carried_over_and_never_cut(client):
    codes = CODES[:5]
    document = pypdfium2.PdfDocument(pdf_of(client, query_of(codes, "pages=1")))
    assert len(document) > 1
    words = squeezed("".join(page.get_textpage().get_text_bounded() for page in document))
    assert [each for each in told_by(codes) if squeezed(each) not in words] == []
    assert "Sure to fit on one page" in client.get(f"/brief/?{query_of(codes)}").content.decode()


@pytest.mark.trials
def test_word_has_the_same_page_measured_by_libreoffice(client, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("needs LibreOffice: install your system's package “libreoffice-writer”")
    if "Carlito" not in subprocess.run(["fc-match", "Calibri"], capture_output=True, text=True, check=True).stdout:
        pytest.skip("needs Carlito, which has the measures of Calibri: package “fonts-crosextra-carlito”")
    asked = [*((code,) for code in CODES), *TRIPLES, *itertools.islice(itertools.combinations(CODES, 3), 0, 800, 80)]
    for codes in asked:
        answer = client.get(f"/brief/brief.docx?{query_of(codes, 'pages=1')}")
        (tmp_path / f"{'-'.join(codes)}.docx").write_bytes(answer.content)
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    files = [str(path) for path in tmp_path.glob("*.docx")]
    subprocess.run([*command, "--outdir", str(tmp_path), *files], check=True, capture_output=True, timeout=500)
    for codes in asked:
        assert_one_sheet((tmp_path / f"{'-'.join(codes)}.pdf").read_bytes(), told_by(codes))


def test_strength_and_sureness_are_never_one_label(client):
    brief = client.get("/brief/?r=R8.1").context["brief"]
    facts = dict(brief.items[0].facts)
    assert facts["Strength"] == "Conditional (“should”)"
    assert facts["How sure"] == "Moderate confidence in the evidence"


@pytest.mark.slow
def test_the_short_address_and_its_code_lead_to_the_same_records(client):
    page = client.get("/brief/?title=Mine&r=R8.1&r=case-studies/hmp-birmingham.1")
    assert page.context["brief"].short_address == "http://testserver/b/R8.1,case-studies/hmp-birmingham.1"
    answer = client.get("/b/R8.1,case-studies/hmp-birmingham.1", follow=True)
    assert [str(pick) for pick in answer.context["brief"].selection.picks] == ["R8.1", "case-studies/hmp-birmingham.1"]
    tree = parse_page(page)
    assert tree.find(".//div[@class='qr']/svg") is not None


def test_slides_hold_what_the_first_page_holds(client):
    answer = client.get(f"/brief/brief.pptx?{query_of(('R8', 'R17'))}")
    deck = Presentation(io.BytesIO(answer.content))
    texts = [" ".join(shape.text for shape in slide.shapes if shape.has_text_frame) for slide in deck.slides]
    assert len(texts) == 3
    for code, text in zip(("R8", "R17"), texts[1:], strict=True):
        assert [each for each in told_by((code,)) if squeezed(each) not in squeezed(text)] == []
    assert "Hackney was inspected three times" in deck.slides[1].notes_slide.notes_text_frame.text


def test_relations_and_departures_are_told_in_words():
    record = ResolvedObject(
        relations=[{"type": "builds-on", "to": "R4", "note": "It comes after."}],
        departures=[{"check": "wording", "found": "it has must", "reason": "The law says so."}],
    )
    assert related(record) == ["Builds on R4. It comes after."]
    assert "The law says so. (Found: it has must)" in departures(record)[0]


# Fields of a recommendation that a brief leaves out, and why.
LEFT_OUT = {
    "slug": "The brief has the address.",
    "timescale.months": "The label says it in words.",
    "derived.themes": "Words to find it by.",
    "derived.sectors": "The findings name the cases that they are from.",
    "derived.cases": "The findings name the cases that they are from.",
    "derived.cited": "The list of sources has them.",
    "derived.related_from": "What others say of it is theirs.",
    "derived.plain_summary_reading_age": "A measure of the text, and no part of it.",
    "derived.statement_reading_age": "The same.",
    "derived.labels": "What codes stand for: the brief has the words.",
    "derived.labels.failure-type": "What codes stand for: the brief has the words.",
    "relations": "Its types are codes; `test_relations_and_departures_are_told_in_words` looks for the words.",
}

# Members that a brief tells in other words: keys, dates (in English), and how a source was read (the page of the record says it).
NOT_WORDS = {"ref", "as_of", "review_by", "read_as", "read_extent"}


@pytest.mark.slow
@pytest.mark.parametrize("code", CODES)
def test_a_brief_holds_every_field_of_a_recommendation(code, client):
    """Whoever adds a field shows it in the brief (`Composer.recommendation`) or says above why not."""
    content = Edition.objects.current().get(code=code).content
    page = squeezed(" ".join(parse_page(client.get(f"/brief/?r={code}.1")).find(".//div[@class='brief']").itertext()))
    kind = KINDS["recommendation"]
    lost = set()
    for path, field in (*flatten_fields(kind.fields), *flatten_fields(kind.derived, "derived.")):
        if field.members or path in LEFT_OUT:
            continue
        for text in texts_in(value_at(content, path)):
            words = known_labels().get(f"{getattr(field.vocabulary, '__name__', '')}:{text}") or known_labels().get(
                text, text
            )
            words = words if field.vocabulary else text
            if not all(squeezed(part) in page for part in re.split(r"\[ref: [^\]]+\]", words)):
                lost.add(path)
    assert lost == set()


def texts_in(value):
    """Every text in a value of a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for name, each in value.items() if name not in NOT_WORDS for text in texts_in(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in texts_in(each))
