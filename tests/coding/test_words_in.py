"""The words of Word, OpenDocument, PDF and web files as readers see them, and a note of what was left out."""

import time
from pathlib import Path

import pytest

from failure_lessons.coding.extraction import extract_text
from failure_lessons.coding.interrupted import find_words
from failure_lessons.coding.services import attach_document, cited_words, quote_words
from failure_lessons.files.archives import CannotOpen
from tests import factories
from tests.coding import files
from tests.coding.word_xml import docx, odt, run

WILD = Path(__file__).parent / "wild"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "left_out"),
    [
        (
            "D01-tracked.docx",
            "The board did not hear the warnings.\nThis whole paragraph was inserted while changes were tracked.\n"
            "This sentence was moved here.",
            ["1 tracked deletion"],
        ),
        (
            "D02-content-control.docx",
            "Before the box.\nAnswer in a content control: nobody was told.\nName: Head teacher.\nAfter the box.",
            [],
        ),
        ("D03-text-box.docx", "Before the text box.\nPull quote in a text box: we were not listened to.", []),
        ("D07-math.docx", "Rate r=0.4 was high.", ["1 equation, of which only the signs in a row are kept"]),
        ("P05-owner-password.pdf", "Anyone can open this report without a password.\n", []),
        ("P11-letters.pdf", "Letter by letter justified\n", []),
        ("P12-spaces-by-kerning.pdf", "Warnings were raised many times before the collapse, and nobody acted.\n", []),
    ],
)
def test_a_wild_file_gives_the_words_that_readers_see(name, text, left_out):
    found = extract_text((WILD / name).read_bytes())
    assert (found.text, found.left_out) == (text, left_out)


def paragraph(inner, properties=""):
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


DELETED = run("gone").replace("w:t>", "w:delText>").replace("<w:t ", "<w:delText ")
BOX = paragraph(run("In a box."))
CELL = "<w:tc><w:tcPr/>{}</w:tc>"
FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF a </w:instrText></w:r>'
    f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("Table 3")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
NOTED = '<w:r><w:footnoteReference w:id="2"/></w:r>'
FOOTNOTES = (
    f'<w:footnote w:type="separator" w:id="-1">{paragraph(run("no"))}</w:footnote>'
    f'<w:footnote w:id="2">{paragraph(run("See the report."))}{paragraph(run("Twice."))}</w:footnote>'
)


@pytest.mark.parametrize(
    ("body", "text", "left_out"),
    [
        (
            paragraph(f"<w:ins>{run('A ')}<w:ins>{run('b')}</w:ins></w:ins><w:del>{DELETED}</w:del>"),
            "A b",
            "1 tracked deletion",
        ),
        (paragraph(f"<w:moveFrom>{run('twice ')}</w:moveFrom><w:moveTo>{run('once')}</w:moveTo>"), "once", ""),
        (paragraph(run("one "), "<w:rPr><w:del/></w:rPr>") + paragraph(run("line")), "one line", ""),
        (paragraph(run("a")) + paragraph("") + paragraph(run("b")), "a\nb", ""),
        (
            f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr>{CELL.format(paragraph(run('x')))}</w:tr>"
            f"<w:tr>{CELL.format(paragraph(run('a')) + paragraph(run('b')))}{CELL.format(paragraph(run('c')))}</w:tr></w:tbl>",
            "a b\tc",
            "1 tracked deletion",
        ),
        (f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph(run('Answer'))}</w:sdtContent></w:sdt>", "Answer", ""),
        (paragraph(f"{run('See ')}{FIELD}{run('.')}"), "See Table 3.", ""),
        (
            paragraph(f"<w:fldSimple w:instr='DATE'>{run('May')}</w:fldSimple><w:smartTag>{run(' Day')}</w:smartTag>"),
            "May Day",
            "",
        ),
        (
            paragraph(
                run("Round ")
                + "<w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent>"
                + BOX
                + "</w:txbxContent></wps:txbx></mc:Choice><mc:Fallback><v:textbox><w:txbxContent>"
                + BOX
                + "</w:txbxContent></v:textbox></mc:Fallback></mc:AlternateContent></w:r>"
                + run("it.")
            ),
            "Round it.\nIn a box.",
            "",
        ),
        (paragraph(run("Failed") + NOTED + run(" twice.")), "Failed twice.\n1 See the report. Twice.", ""),
        (paragraph(run("a") + '<w:r><w:commentReference w:id="1"/></w:r>' + run("b")), "ab", "1 comment"),
        (
            paragraph(run("see ") + run("hid", "<w:vanish/>") + run("seen", '<w:vanish w:val="0"/>')),
            "see seen",
            "1 run of hidden text",
        ),
        (paragraph(run("a") + "<w:r><w:noBreakHyphen/><w:t>b</w:t><w:tab/><w:br/><w:t>c</w:t></w:r>"), "a‑b\t\nc", ""),
        (paragraph(run("2 ") + '<w:r><w:sym w:font="X" w:char="2264"/></w:r>' + run(" 3")), "2 ≤ 3", ""),
        (
            paragraph(
                run("r=")
                + "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath>"
            ),
            "r=a/b",
            "1 equation, of which only the signs in a row are kept",
        ),
        (paragraph(run("x") + "<w:drawing><a:blip/></w:drawing><w:drawing><a:blip/></w:drawing>"), "x", "2 pictures"),
    ],
)
@pytest.mark.parametrize("main", ["word/document.xml", "word/document2.xml"])
def test_a_word_file_is_read_as_if_its_changes_were_accepted(body, text, left_out, main):
    found = extract_text(docx(body, main, footnotes=FOOTNOTES))
    assert (found.kind, found.text, ", ".join(found.left_out)) == ("docx", text, left_out)


def test_a_word_file_says_that_its_headers_are_left_out():
    data = files.replaced(docx(paragraph(run("Words."))), "word/header1.xml", f'<w:hdr xmlns:w="urn:w">{BOX}</w:hdr>')
    assert extract_text(data).left_out == ["headers and footers"]


@pytest.mark.parametrize(
    ("body", "text", "left_out"),
    [
        ("<text:h>Head</text:h><text:p>One <text:span>two</text:span>\n three.</text:p>", "Head\nOne two three.", ""),
        ("<text:p>a<text:s text:c='2'/>b<text:tab/>c<text:line-break/>d</text:p>", "a  b\tc\nd", ""),
        (
            "<text:p>Failed<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Why.</text:p>"
            "</text:note-body></text:note> twice.</text:p><text:p>End.</text:p>",
            "Failed twice.\nEnd.\n1 Why.",
            "",
        ),
        (
            "<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>A</dc:creator>"
            "</office:change-info><text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes>"
            "<text:p>kept<text:change/></text:p>",
            "kept",
            "1 tracked deletion",
        ),
        ("<text:p>a<office:annotation><text:p>Check!</text:p></office:annotation>b</text:p>", "ab", "1 comment"),
        (
            "<text:p>Round <draw:frame><draw:text-box><text:p>Box.</text:p></draw:text-box></draw:frame>it.</text:p>",
            "Round it.\nBox.",
            "",
        ),
        (
            "<table:table><table:table-row><table:table-cell><text:p>a</text:p><text:p>b</text:p></table:table-cell>"
            "<table:table-cell><text:p>c</text:p></table:table-cell></table:table-row></table:table>",
            "a b\tc",
            "",
        ),
        ("<text:p>x<draw:frame><draw:image/><svg:desc>A cat</svg:desc></draw:frame></text:p>", "x", "1 picture"),
    ],
)
def test_an_opendocument_text_is_read_in_its_order(body, text, left_out):
    found = extract_text(odt(body))
    assert (found.kind, found.text, ", ".join(found.left_out)) == ("odt", text, left_out)


def test_a_spreadsheet_of_libreoffice_is_named():
    data = files.archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"})
    with pytest.raises(CannotOpen, match="spreadsheet or presentation"):
        extract_text(data)


PAGE = (
    "<!DOCTYPE html><html><head><meta charset='{charset}'><title>No</title><style>p {{}}</style></head><body>"
    "<nav><ul><li>Home<li>News</ul></nav><h1>The caf\u00e9\n failed</h1><p>It <b>was</b> not<br>safe.<p hidden>not shown"
    "<script>var x = '<p>no</p>';</script><table><tr><th>Year<th>Deaths<tr><td>1986<td>12</table><img src=x alt=y>"
    "<pre>a  b\nc</pre><p>Old <del>not</del> new &amp; true</body></html>"
)
PAGE_TEXT = "Home\nNews\nThe café failed\nIt was not\nsafe.\nYear\tDeaths\n1986\t12\na  b\nc\nOld new & true"


@pytest.mark.slow
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "no-such"])
def test_a_saved_web_page_is_read_as_a_browser_shows_it(charset):
    data = PAGE.format(charset=charset).encode("utf-8" if charset == "no-such" else charset)
    found = extract_text(data)
    assert (found.kind, found.text) == ("html", PAGE_TEXT)
    assert found.left_out == ["1 picture", "1 deleted passage"]


@pytest.mark.slow
def test_a_web_archive_of_a_browser_is_read():
    quoted = PAGE.format(charset="x").replace("=", "=3D").replace("é", "=C3=A9")
    data = (
        'From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n'
        '\tboundary="----b"\r\n\r\n------b\r\nContent-Type: text/html; charset=utf-8\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}\r\n------b\r\nContent-Type: image/png\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n------b--\r\n"
    )
    found = extract_text(data.encode())
    assert (found.kind, found.text) == ("html", PAGE_TEXT)


@pytest.mark.slow
def test_deep_and_broken_pages_lose_no_words():
    assert extract_text(b"<html>" + b"<div>" * 20_000 + b"deep" + b"</b>" * 500 + b"<p>after").text == "deep\nafter"
    assert extract_text(b"<html><body>nul\0 here <p>half \xff").text == "nul\ufffd here\nhalf ÿ"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "asked", "cited"),
    [
        ("P04-header-across-pages.pdf", "failed to act on the warnings of its own auditors", ""),
        ("P08-footnote-mark.pdf", "knew of the failure in March", ""),
    ],
)
@pytest.mark.django_db
def test_a_quotation_is_found_across_pages_and_marks_of_notes(name, asked, cited, coder):
    document = attach_document(reference=factories.reference(), name=name, data=(WILD / name).read_bytes(), by=coder)
    made = quote_words(document=document, words=asked, by=coder)
    assert cited_words(made) == asked
    assert document.file.text[made.start : made.end] == made.exact
    assert made.gaps


PAGES = ["Head\nthey saw the warn-\n12\n", "Chapter\nings,3 and [4] did not act.\n13\n"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("saw the warnings, and", "saw the warn-\nings, and"),
        ("the warnings", "the warn-\nings"),
        ("warnings, and [4] did not", "warn-\nings, and [4] did not"),
    ],
)
def test_what_stands_between_two_pages_and_after_words_is_a_gap(asked, words):
    text = "".join(PAGES)
    (place,) = find_words(text, [0, len(PAGES[0])], asked)
    kept, start = "", place.start
    for gap in [*place.gaps, (place.end, place.end)]:
        kept, start = kept + text[start : gap[0]], gap[1]
    assert kept == words


@pytest.mark.parametrize("asked", ["killed people", "cost of 5 million", "rose by 12", "act on nothing"])
def test_a_figure_is_no_mark_of_a_note(asked):
    text = "It killed 12 people at a cost of 25 million and rose by 12.5 in 1986.\nact on\n"
    assert find_words(text, [0, len(text) - 7], asked) == [] or asked == "rose by 12"


@pytest.mark.trials
@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Type: multipart/related; boundary=b" + b"; a=b" * 50_000,
        b"Content-Type: multipart/related; boundary=b" + b"; a*0=b" * 50_000,
    ],
)
def test_a_web_archive_made_for_harm_is_given_up(headers):
    """Python's reader of mail takes the square of the length of such a header; it does so in a program of its own."""
    page = b"MIME-Version: 1.0\n" + headers + b"\n\n--b\nContent-Type: text/html\n\n<p>Words.</p>\n--b--\n"
    started = time.process_time()
    with pytest.raises(CannotOpen, match="could not be read within 8 seconds: print it to a new PDF"):
        extract_text(page)
    assert time.process_time() - started < 1  # of ours
