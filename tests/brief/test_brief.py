"""The brief as page, Word file and PDF: the same words, the same sources, nothing but what is published."""

import io
import itertools
import re
import threading

import pytest
from django.db import connection
from django.template import RequestContext, Template
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from failure_lessons.pages.brief import pdf
from failure_lessons.pages.brief.selection import Pick
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Recommendation
from tests import factories
from tests.brief.conftest import FIVE
from tests.helpers import count_queries, parse_page, squeeze_html, submit_and_publish

pytestmark = pytest.mark.django_db

PARTS = ["Messages", "Summary", "Evidence", "Sources", "About this brief"]


def made(client, query):
    """The brief that the page shows."""
    return client.get(f"/brief/?{query}").context["brief"]


def words_of_page(client, query):
    tree = parse_page(client.get(f"/brief/?{query}"))
    return squeezed(" ".join(tree.find(".//div[@class='brief']").itertext()))


def words_of_word(client, query):
    document = Document(io.BytesIO(client.get(f"/brief/brief.docx?{query}").content))
    texts = ["".join(node.text or "" for node in p._p.iter(qn("w:t"))) for p in document.paragraphs]
    return squeezed(" ".join(texts))


def words_of_pdf(client, query):
    reader = PdfReader(io.BytesIO(client.get(f"/brief/brief.pdf?{query}").content))
    return squeezed(" ".join(page.extract_text() for page in reader.pages))


def squeezed(text):
    """Letters and figures alone: lines are broken and hyphenated in each medium's own way."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


@pytest.mark.slow
def test_page_word_and_pdf_say_the_same(client):
    brief = made(client, FIVE)
    assert len(brief.items) == 5
    told = [item.front.action for item in brief.items] + [item.what for item in brief.items]
    told += [lesson.statement for lesson in brief.lessons]
    told += [finding.statement for finding in brief.findings] + [source.title for source in brief.sources]
    told += [value for item in brief.items for _, value in item.facts] + [brief.statement_of_honesty]
    told += [part.heading + part.texts[0][:60] for item in brief.items for part in item.parts]
    for words in (words_of_page(client, FIVE), words_of_word(client, FIVE)):
        assert [each for each in told if squeezed(each) not in words] == []
    # in the PDF a page's header and footer may stand between two lines of one sentence
    words = words_of_pdf(client, FIVE)
    assert len([each for each in told if squeezed(each) not in words]) <= len(told) // 20
    for item in brief.items:
        assert squeezed(item.what) in words


@pytest.mark.slow
def test_every_number_of_a_source_leads_to_a_source_in_all_three(client):
    brief = made(client, FIVE)
    numbers = [source.number for source in brief.sources]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 50
    assert {citation.source for finding in brief.findings for citation in finding.citations} <= set(numbers)
    tree = parse_page(client.get(f"/brief/?{FIVE}"))
    ids = {element.get("id") for element in tree.iter() if element.get("id")}
    assert {
        link.get("href")[1:] for link in tree.findall(".//div[@class='brief']//a") if link.get("href").startswith("#")
    } <= ids
    assert len(tree.findall(".//ol[@class='source-list']/li")) == len(numbers)
    document = Document(io.BytesIO(client.get(f"/brief/brief.docx?{FIVE}").content))
    body = document.element.body
    marks = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    links = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))} - {None}
    assert links <= marks
    assert {f"source_{number}" for number in numbers} <= marks
    words = words_of_pdf(client, FIVE)
    assert f"{len(numbers)}sources" in words


def test_from_a_brief_every_finding_reaches_its_sources_as_the_finding_page_shows_them(client):
    for finding in made(client, FIVE).findings:
        content = Edition.objects.current().get(code=finding.code).content
        assert len(finding.citations) == len(content["sources"])
        for shown, source in zip(finding.citations, content["sources"], strict=True):
            assert shown.quotation == source.get("quotation", "")
            assert shown.locator == source.get("locator", "no page given")


@pytest.mark.slow
def test_the_pdf_is_tagged_titled_and_in_british_english(client):
    answer = client.get(f"/brief/brief.pdf?{FIVE}")
    assert answer["Content-Type"] == "application/pdf"
    assert re.search(r'filename="brief-\d{4}-\d\d-\d\d-before-winter\.pdf"', answer["Content-Disposition"])
    assert answer.content.startswith(b"%PDF-1.7")
    reader = PdfReader(io.BytesIO(answer.content))
    root = reader.trailer["/Root"]
    assert root["/Lang"].lower() == "en-gb"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Before winter"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/Link", "/L"} <= roles(root["/StructTreeRoot"])
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)] == PARTS


def roles(node, depth=0):
    """The kinds of structure element below a node."""
    found = set()
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object() if hasattr(kid, "get_object") else kid
        if isinstance(kid, dict) and "/S" in kid and depth < 12:
            found |= {kid["/S"], *roles(kid, depth + 1)}
    return found


@pytest.mark.slow
def test_the_word_file_has_real_headings_a_table_header_links_and_page_numbers(client):
    answer = client.get(f"/brief/brief.docx?{FIVE}")
    document = Document(io.BytesIO(answer.content))
    assert [p.text for p in document.tables[0].rows[0].cells[0].paragraphs if p.style.name == "Title"] == [
        "Before winter"
    ]
    assert [p.text for p in document.paragraphs if p.style.name == "Heading 1"] == PARTS
    levels = [int(p.style.name[-1]) for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert document.core_properties.title == "Before winter"
    assert document.core_properties.author == "Failure Lessons"
    _, table = document.tables  # the first holds the title beside the QR code
    assert len(table.rows) == 6
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    languages = {node.get(qn("w:val")) for node in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"en-GB"}
    fields = [node.text.strip() for node in document.sections[-1].footer._element.iter(qn("w:instrText"))]
    assert fields == ["PAGE", "NUMPAGES"]
    numbers = [mark.get(qn("w:id")) for mark in document.element.body.iter(qn("w:bookmarkStart"))]
    assert len(numbers) == len(set(numbers))
    targets = {relation.target_ref for relation in document.part.rels.values() if relation.is_external}
    assert "http://testserver/recommendations/agree-step-in-successor-and-asset-terms-in-advance/v1/" in targets
    assert not [name for name in document.part.package.iter_parts() if "vba" in name.partname.lower()]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["", "brief.docx", "brief.pdf"])
@pytest.mark.parametrize("records", [6, pytest.param(30, marks=pytest.mark.trials)])
def test_a_brief_costs_the_same_however_many_records(records, form, client):
    def cost(query):
        return count_queries(client.get, f"/brief/{form}?{query}")

    many = [*(f"r=R{number}.1" for number in range(1, 19)), *(f"r=LS{number}.1" for number in range(1, 13))]
    assert cost("r=R1.1") == cost("&".join(many[:: 30 // records])) <= 5


def test_adding_pins_the_edition_and_leads_to_an_address_without_the_verb(client):
    answer = client.get("/brief/?r=R4.1&add=LS1")
    assert answer.status_code == 302
    assert answer["Location"] == "/brief/?r=R4.1&r=LS1.1#record-2"
    assert client.get("/brief/?r=R4.1&r=LS1.1").status_code == 200


@pytest.mark.slow
def test_a_shared_brief_keeps_its_words_when_a_record_gets_a_newer_edition(client):
    case = factories.case()
    submit_and_publish(case)
    lesson = factories.lesson(case.findings.get())
    submit_and_publish(lesson)
    record = factories.recommendation(lesson, statement="Boards should wait.")
    submit_and_publish(record)
    query = f"r={record.code}.1"
    record.statement = "Boards should hurry."
    record.save()
    submit_and_publish(record, note="Hurry.")
    brief = made(client, query)
    assert brief.items[0].what == "Boards should wait."
    assert brief.items[0].newer.startswith("Edition 2 was published on ")
    for words in (words_of_page(client, query), words_of_word(client, query), words_of_pdf(client, query)):
        assert squeezed("Boards should wait.") in words
        assert squeezed("newer edition exists") in words
        assert squeezed("hurry") not in words
    assert client.get(brief.items[0].compare).status_code == 200
    renewed = client.get(f"/brief/?{query}&renew=1")
    assert renewed["Location"] == f"/brief/?r={record.code}.2#record-1"
    assert made(client, f"r={record.code}.2").items[0].what == "Boards should hurry."


@pytest.mark.slow
def test_a_withdrawn_record_shows_its_tombstone_and_nothing_else(client, publisher):
    case = factories.case()
    submit_and_publish(case)
    lesson = factories.lesson(case.findings.get())
    submit_and_publish(lesson)
    record = factories.recommendation(lesson, statement="Boards should vanish.")
    submit_and_publish(record)
    withdraw_record(record=record, by=publisher, note="It was wrong.")
    query = f"r={record.code}.1&r=R4.1"
    assert client.get(f"/brief/?{query}").status_code == 200
    for words in (words_of_page(client, query), words_of_word(client, query), words_of_pdf(client, query)):
        assert squeezed("It was wrong.") in words
        assert "vanish" not in words
    assert client.get(f"/brief/?add={record.code}")["Location"].startswith(f"/brief/?r={record.code}.1")


@pytest.mark.slow
def test_a_withdrawn_finding_shows_its_reason_in_the_evidence(client, publisher):
    case = factories.case()
    finding = case.findings.get()
    finding.statement = "Something that was later found false."
    finding.save()
    submit_and_publish(case)
    lesson = factories.lesson(finding)
    submit_and_publish(lesson)
    withdraw_record(record=case, by=publisher, note="The source was forged.")
    query = f"r={lesson.code}.1"
    for words in (words_of_page(client, query), words_of_word(client, query), words_of_pdf(client, query)):
        assert squeezed("Withdrawn: The source was forged.") in words
        assert squeezed("later found false") not in words


@pytest.mark.slow
def test_two_editions_of_one_finding_stand_side_by_side_when_two_records_pin_them(client):
    case = factories.case()
    finding = case.findings.get()
    submit_and_publish(case)
    first = factories.lesson(finding)
    submit_and_publish(first)
    finding.statement = "Something else was found."
    finding.save()
    submit_and_publish(case, note="Said better.")
    second = factories.lesson(finding)
    submit_and_publish(second)
    brief = made(client, f"r={first.code}.1&r={second.code}.1")
    assert [(each.edition, each.statement) for each in brief.findings] == [
        ("1", "Something was found."),
        ("2", "Something else was found."),
    ]
    assert brief.lessons[0].evidence[0].anchor != brief.lessons[1].evidence[0].anchor


@pytest.mark.slow
def test_a_draft_is_never_in_a_brief(client):
    case = factories.case()
    draft = factories.recommendation(factories.lesson(case.findings.get()), statement="zebrafish")
    answer = client.get(f"/brief/?r={draft.code}&r=case-studies/{case.slug}.1&r=R4.1")
    assert answer.status_code == 400
    assert "zebrafish" not in answer.content.decode()
    assert f"Nothing was ever published as {draft.code}." in answer.context["brief"].messages
    assert [item.code for item in answer.context["brief"].items] == ["R4"]
    record = Recommendation.objects.get(code="R4")
    record.statement = "zebrafish"
    record.save()
    assert "zebrafish" not in words_of_page(client, "r=R4.1") + words_of_pdf(client, "r=R4.1")


@pytest.mark.slow
def test_a_code_used_twice_means_the_record_that_had_it_first(client, publisher):
    lesson = factories.lesson(factories.case().findings.get())
    submit_and_publish(lesson.evidence.get().case_finding.case)
    submit_and_publish(lesson)
    first = factories.recommendation(lesson, statement="The first.")
    submit_and_publish(first)
    withdraw_record(record=first, by=publisher, note="Gone.")
    code = first.code
    with connection.cursor() as cursor:  # as it may have been before the database refused it
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update recommendations_recommendation set code = 'ZZ1' where id = %s", [first.pk])
        cursor.execute("set local session_replication_role = origin")
    second = factories.recommendation(lesson, statement="The second.", code=code)
    submit_and_publish(second)
    assert made(client, f"r={code}.1").items[0].withdrawn.endswith("Gone.")
    assert client.get(f"/brief/?add={code}").status_code == 302


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("r=R99", "Nothing was ever published as R99."),
        ("r=R1.77", "R1 has no edition 77. This is edition 1."),
        ("r=R1.999999999", "R1 has no edition 999999999. This is edition 1."),
        ("r=themes/workforce", "themes/workforce is a theme. A brief holds situations, recommendations"),
        ("r=%00", "is not the code or the address of a record"),
        ("r=R1%27%20or%201=1", "is not the code or the address of a record"),
        ("brief=xyz", "The brief that you brought along is damaged"),
        ("color=red", "“color” means nothing in the address of a brief."),
        ("title=" + "a" * 201, "The title has 201 characters; at most 200 fit."),
        ("note=" + "a" * 2001, "The note has 2,001 characters; at most 2,000 fit."),
        ("&".join(f"r=LS{number}" for number in range(1, 501)), "A brief holds at most 30 records."),
    ],
)
def test_what_is_not_understood_is_said_and_the_rest_is_there(query, message, client):
    answer = client.get(f"/brief/?r=R4.1&{query}")
    assert answer.status_code == 400
    assert any(message in each for each in answer.context["brief"].messages)
    assert answer.context["brief"].items[0].code == "R4"
    assert 'name="r" value="R4.1"' in answer.content.decode()
    for form in ("brief.docx", "brief.pdf"):
        refused = client.get(f"/brief/{form}?r=R4.1&{query}")
        assert refused.status_code == 400
        assert refused["Content-Type"].startswith("text/html")


def test_too_long_a_note_is_still_in_its_field(client):
    note = "All of this matters. " * 120
    answer = client.get("/brief/", {"note": note, "r": "R4.1"})
    assert answer.status_code == 400
    tree = parse_page(answer)
    assert tree.find(".//textarea").text.strip() == note.strip()


HOSTILE = [
    "<script>alert(1)</script>",
    '#import "x.typ": * $x$ \\ @ref <label> *a* _b_ ] ) }',
    '#panic() #read("/etc/passwd")',
    "العربية 👩‍🚀 漢字 😀",
    "{{ brief.site }} {% now 'Y' %}",
    "a\x00b\x1fc",
    "]]>&amp;<w:t>",
]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_reader_writes_is_text_and_nothing_more(text, client):
    query = {"title": text, "note": text, "r": "R4.1"}
    told = text.replace("\x00", "").replace("\x1f", "")
    page = client.get("/brief/", query, follow=True)
    assert page.status_code == 200
    assert page.context["brief"].title == told
    assert "<script>" not in page.content.decode()
    document = Document(io.BytesIO(client.get("/brief/brief.docx", query).content))
    assert [p.text for p in document.tables[0].rows[0].cells[0].paragraphs if p.style.name == "Title"] == [told]
    reader = PdfReader(io.BytesIO(client.get("/brief/brief.pdf", query).content))
    words = reader.pages[0].extract_text()
    assert squeezed(told.split("漢")[0]) in squeezed(words)
    if "漢" in told:
        assert "cjkunifiedideograph" in squeezed(words)
        assert squeezed("has no font for some of the letters") in squeezed(reader.pages[-1].extract_text())


def test_an_empty_brief_explains_itself_and_has_no_file(client):
    page = client.get("/brief/")
    assert page.status_code == 200
    assert "Nothing in it yet" in page.content.decode()
    assert client.get("/brief/brief.pdf").status_code == 400
    assert client.post("/brief/").status_code == 405


def test_while_another_pdf_is_made_the_reader_is_asked_to_wait(client, monkeypatch):
    monkeypatch.setattr(pdf, "PDF_PATIENCE", 0.01)
    query = "title=Nobody+asked+for+this+before&r=R4.1"
    with pdf.TURN:
        answer = client.get(f"/brief/brief.pdf?{query}")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "try again in a few seconds" in answer.content.decode()
    assert client.get(f"/brief/brief.pdf?{query}").status_code == 200


@pytest.mark.slow
def test_many_at_once_give_whole_files(client):
    content = [pdf.template_data(made(client, f"title=At+once+{number}&r=R4.1")) for number in range(4)]
    found = []
    threads = [threading.Thread(target=lambda each=each: found.append(pdf.typeset_pdf(each))) for each in content * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(each.startswith(b"%PDF") and each.rstrip().endswith(b"%%EOF") for each in found)


def test_a_pdf_is_made_once_and_kept(client):
    query = "title=Kept+for+a+while&r=R4.1"
    first = client.get(f"/brief/brief.pdf?{query}").content
    before = pdf.typeset_pdf.cache_info()
    assert client.get(f"/brief/brief.pdf?{query}").content == first
    assert pdf.typeset_pdf.cache_info().hits == before.hits + 1


def test_a_new_brief_can_be_started_from_one_that_is_open(client):
    page = parse_page(client.get("/brief/?r=R4.1", follow=True))
    (fresh,) = [a.get("href") for a in page.iter("a") if "Start a new brief" in " ".join("".join(a.itertext()).split())]
    there = client.get(fresh, follow=True)
    assert there.status_code == 200
    assert not there.context["brief"].items


def test_queries_of_links_write_blanks_and_slashes_as_addresses_do(rf):
    page = Template("{% load links %}{% link 'search' q=q %} {% link 'brief' add=name %} {% link 'home' as_of='' %}")
    written = page.render(RequestContext(rf.get("/"), {"q": "special measures", "name": "case-studies/hmp-birmingham"}))
    assert written == "/search/?q=special%20measures /brief/?add=case-studies/hmp-birmingham /"


@pytest.mark.slow
def test_every_kind_that_a_brief_holds_is_offered_where_it_is_shown(client):
    for kind in ("recommendation", "lesson", "finding", "case-study", "literature-review"):
        edition = Edition.objects.current().of_kind(kind).first()
        offer = f'href="/brief/?add={Pick.of(edition)}&amp;back=/'
        for address in (f"/{KINDS[kind].address}/{edition.slug}/", f"/{KINDS[kind].address}/"):
            assert offer in squeeze_html(client.get(address)), address
    for kind in ("theme", "reference"):
        edition = Edition.objects.current().of_kind(kind).first()
        assert "?add=" not in client.get(f"/{KINDS[kind].address}/{edition.slug}/").content.decode()
