"""Narratives: what is pasted from Word or a web page, citations in the text, the preview."""

import sys
import time
from pathlib import Path

import pytest
from django.template import Context, Template
from django.urls import reverse

from casestudies.models import CaseStudy, Section
from failure_lessons.accounts.models import User
from failure_lessons.bibliography.inline import inline_keys
from failure_lessons.pages.brief.wording import plain_paragraphs
from failure_lessons.publishing.dependencies import list_evidence
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.workbench.pasted_html import read_paste
from failure_lessons.workbench.rich_text import LONGEST_PASTE, LONGEST_TEXT
from literature.merging.services import rewrite_mentions
from tests import factories

WORD = (
    "<html><head><style>p {color: red}</style></head><body><!--[if !supportLists]-->"
    '<h1>What happened</h1><p class="MsoNormal">The <b>board</b> saw <i>averages</i>&nbsp;only.</p>'
    '<p class="MsoListParagraph">·&nbsp;&nbsp;&nbsp;first</p><p class="MsoListParagraph">·&nbsp;&nbsp;&nbsp;second</p></body></html>'
)


def test_text_from_word_keeps_its_marks_and_nothing_else():
    assert read_paste(WORD).markdown == "### What happened\n\nThe **board** saw *averages* only.\n\n- first\n- second"


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<b style="font-weight:normal;"><p>Not <b>all</b> bold</p></b>', "Not **all** bold"),
        ('<a href="javascript:alert(1)">x</a><script>alert(1)</script><img src=x onerror=alert(1)>', "x"),
        ('<p>See <a href="https://example.org/a">this</a></p>', "See [this](https://example.org/a)"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("", ""),
        ("<" * 5000, "<" * 5000),
    ],
)
def test_what_is_pasted_is_never_trusted(html, kept):
    assert read_paste(html).markdown.replace("&lt;", "<").replace("\\", "") == kept


PASTED = Path(__file__).parent / "pasted"
STRUCK, NOTED = "A struck passage was left out.", "A footnote stands in brackets in the text."
COMMENTED = "A reviewer's comment was left out."


@pytest.mark.parametrize(
    ("name", "markdown", "notes"),
    [
        ("H01-bullets.html", "- First point\n  - Sub point\n- Second point", []),
        ("H03-footnote.html", "The board knew. (Annual report 2011, p. 4.) It did nothing.", [NOTED]),
        ("H04-tracked.html", "Complaints rose sharply.", [STRUCK]),
        ("H05-table.html", "| Year | Complaints |\n| --- | --- |\n| 2011 | 434 \\| 12 |", []),
        (
            "H09-gdocs.html",
            "**Bold by span** and *italic by span* and [link](https://example.org/a)\n\n- One\n  - Nested",
            [],
        ),
        ("H11-comment.html", "The trust failed.", [COMMENTED]),
    ],
)
def test_what_word_and_google_docs_copy_comes_in_as_it_is_read(name, markdown, notes):
    assert read_paste((PASTED / name).read_text()) == (markdown, notes)


GOOGLE = (
    '<p>x<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup> y<sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup></p><hr>'
    '<div><p><a href="#ftnt_ref1">[1]</a><span> note</span></p></div><div><p><a href="#cmnt_ref1">[a]</a>Check</p></div>'
)
LIBREOFFICE = (
    '<p>So<a class="sdfootnoteanc" name="sdfootnote1anc" href="#sdfootnote1sym"><sup>1</sup></a> it was</p><div '
    'id="sdfootnote1"><p><a class="sdfootnotesym" href="#sdfootnote1anc">1</a>Note.</p></div>'
)


@pytest.mark.parametrize(
    ("html", "markdown", "notes"),
    [
        (GOOGLE, "x (note) y", [COMMENTED, NOTED]),
        (LIBREOFFICE, "So (Note.) it was", [NOTED]),
        (
            '<p>a <span style="text-decoration:line-through">b </span>c <s>d</s></p>',
            "a c",
            ["2 struck passages were left out."],
        ),
        ("<p>1986. That was it.</p><p># no heading</p>", "1986\\. That was it.\n\n\\# no heading", []),
        ("<p><b>bold&nbsp;</b>text <b>a</b><b>b</b></p>", "**bold** text **ab**", []),
        (
            '<p><a href="https://example.org/a b(c)">this [x]</a></p>',
            "[this \\[x\\]](https://example.org/a%20b%28c%29)",
            [],
        ),
        ('<p><a href="#top">back</a> 10<sup>2</sup> CO<sub>2</sub></p>', "back 10² CO₂", []),
        ("<table><tr><td><p>One</p><p>cell</p></table>", "One\n\ncell", []),
        (
            "<table><caption>Deaths</caption><tr><th>A<th>B<tr><td>a<br>b<td><ul><li>x<li>y</ul></table><p>after",
            "Table: Deaths\n\n| A | B |\n| --- | --- |\n| a b | x y |\n\nafter",
            [],
        ),
        (
            '<p style="mso-list:l0 level1"><span style="mso-list:Ignore">1.  </span>a</p>'
            '<p style="mso-list:l0 level2"><span style="mso-list:Ignore">a)  </span>b</p>'
            '<p style="mso-list:l0 level1"><span style="mso-list:Ignore">2.  </span>c</p>',
            "1. a\n   1. b\n2. c",
            [],
        ),
    ],
)
def test_pasted_text_keeps_its_form_and_tells_what_it_lost(html, markdown, notes):
    assert read_paste(html) == (markdown, notes)


TABLE = (
    "Table: Deaths a year [@two-2020]\n\n| Year | **Deaths** |\n| --- | ---: |\n| 1986 | 12 \\| 13 |\n| 1987 | <b> |"
)


def test_a_table_in_a_text_has_heading_cells_a_caption_and_labels_for_phones():
    context = Context({"references": {"two-2020": {"short": "Two 2020"}}, "text": TABLE})
    html = Template("{% load evidence %}{% prose text %}").render(context)
    assert html.startswith('<table class="stack">\n<caption>Deaths a year (<a href="/references/two-2020/"')
    assert '<th scope="col">Year</th>' in html
    assert '<th scope="col"><strong>Deaths</strong></th>' in html
    assert '<td data-label="Year">1986</td>' in html
    assert '<td data-label="Deaths">12 | 13</td>' in html
    assert "&lt;b&gt;" in html
    assert "Table:" not in html


def test_a_table_in_plain_text_has_a_line_for_each_row():
    assert plain_paragraphs("a\n\n| b | c |\n| --- | --- |\n| d | |") == ["a", "b | c", "d | "]


def test_a_citation_in_the_text_is_read_in_both_forms():
    assert inline_keys("a [ref: one-2019], b [@two-2020, p. 4] c [@three] d [@Bad] e @four") == {
        "one-2019",
        "two-2020",
        "three",
    }


def test_a_citation_in_the_text_is_a_link_with_its_page():
    context = Context({"references": {"two-2020": {"short": "Two 2020"}}})
    html = Template("{% load evidence %}{% prose text %}").render(
        Context({**context.flatten(), "text": "So [@two-2020, p. <4>]."})
    )
    assert 'So (<a href="/references/two-2020/" rel="noopener">Two 2020</a>, p. &lt;4&gt;).' in html


@pytest.mark.django_db
def test_a_case_pins_what_its_text_cites_and_readers_find_the_link(client, researcher, publisher):
    case, source = factories.case(), factories.reference(title="Cited within")
    Section.objects.filter(case=case).update(text=f"It fell [@{source.slug}, p. 4].")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    edition = Edition.objects.current().get(record_id=case.record_id)
    assert Edition.objects.current().get(record_id=source.record_id) in list_evidence(edition)
    page = client.get(f"/case-studies/{case.slug}/").content.decode()
    assert f'href="/references/{source.slug}/"' in page
    assert "[@" not in page


@pytest.mark.django_db
def test_merging_moves_citations_in_the_text_with_their_page():
    case = factories.case()
    Section.objects.filter(case=case).update(text="a [@old-2019, p. 4] b [@old-2019] c [@old-2019-b] old-2019,")
    assert rewrite_mentions("old-2019", "new-2019") == 2
    assert case.sections.get().text == "a [@new-2019, p. 4] b [@new-2019] c [@old-2019-b] old-2019,"


@pytest.mark.django_db
def test_the_toolbar_is_answered_for_staff_only(client, person):
    convert, preview = reverse("text-from-html"), reverse("text-preview")
    assert client.post(convert, {"html": "<p>x</p>"}).status_code == 302
    client.force_login(person("writes", "researcher"))
    assert client.get(convert).status_code == 405
    assert client.post(convert, {"html": "<p><b>x</b></p>"}).json() == {"markdown": "**x**", "notes": []}
    assert client.post(convert, {}).status_code == 400
    assert client.post(convert, {"html": "x" * 1_000_001}).status_code == 400
    known = CaseStudy.objects.first().quotes.first().reference
    answer = client.post(preview, {"text": f"**So** [@{known.slug}] [@nothing-here] <script>x</script>"}).json()
    assert answer["unknown"] == ["nothing-here"]
    assert "<strong>So</strong>" in answer["html"]
    assert f"/references/{known.slug}/" in answer["html"]
    assert "<script" not in answer["html"]


HTML_SHAPES = [
    "<b ",
    "<div>",
    "<blockquote>",
    "<ul><li>",
    "<p>x",
    "<p>x</p>",
    "<b id=1><p>",
    "<div></x>",
    "<b><div></b>",
    "&nbsp;",
    "<br>",
    "<td>",
    "<table><tr><td>x",
    "<a href=http://a>x</a>",
    "x\n",
    "- ",
    "<span style=font-weight:700>x",
    "<a href=#_ftn1>1</a>",
    "<a href=#_ftnref1>1</a>x",
    "<p style=mso-list:level9>x",
    "<tr><td>x|",
    "<!--",
    "<![if]>",
    "<svg>",
    "</p>",
    "<i></i>",
]
MARKDOWN_SHAPES = [
    "[",
    "![",
    "**a",
    "_a*",
    "a\n",
    "> ",
    "- ",
    "[a](",
    "[ref: ",
    "[@a, ",
    "E1-F3 ",
    "`a",
    "<a ",
    "[x]\n\n",
    "|a|\n|-|\n",
    "|a" * 20 + "\n" + "|-" * 20 + "\n",
    "| ",
]
# seconds of the processor: twice what a paste may take, and more while coverage counts every line; what is quadratic
# takes minutes
PATIENCE = 4 if sys.gettrace() is None else 24


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("shape", HTML_SHAPES)
def test_no_paste_takes_long_or_breaks(shape, client, person):
    client.force_login(person("amara", "researcher"))
    for length in (100_000, LONGEST_PASTE):
        begun = time.process_time()
        answer = client.post(reverse("text-from-html"), {"html": (shape * (length // len(shape) + 1))[:length]})
        assert answer.status_code in (200, 400), shape
        assert time.process_time() - begun < PATIENCE, (shape, length)
    assert client.post(reverse("text-from-html"), {"html": "x" * (LONGEST_PASTE + 1)}).status_code == 400


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("shape", MARKDOWN_SHAPES)
def test_no_text_takes_long_to_show(shape, client, person):
    client.force_login(person("amara", "researcher"))
    for length in (LONGEST_TEXT, LONGEST_TEXT + 1):
        text = (shape * (length // len(shape) + 1))[:length]
        begun = time.process_time()
        answer = client.post(reverse("text-preview"), {"text": text})
        assert answer.status_code == (200 if length == LONGEST_TEXT else 400)
        assert time.process_time() - begun < PATIENCE, (shape, length)


def test_a_text_beyond_all_bounds_is_shown_as_it_is():
    html = Template("{% load evidence %}{% prose text %}").render(Context({"text": "[*" * 200_000}))
    assert html.startswith("<p>[*[*")


@pytest.mark.django_db
def test_somebody_without_a_role_converts_nothing(client):
    client.force_login(User.objects.create_user("nobody", password="x", is_staff=True))
    for name, sent in (("text-from-html", {"html": "a"}), ("text-preview", {"text": "a"})):
        assert client.post(reverse(name), sent).status_code == 403
