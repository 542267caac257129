"""Narratives: what is pasted from Word or a web page, citations in the text, the preview."""

import sys
import time

import pytest
from django.template import Context, Template
from django.urls import reverse

from casestudies.models import CaseStudy, Section
from failure_lessons.accounts.models import User
from failure_lessons.bibliography.inline import inline_keys
from failure_lessons.publishing.dependencies import list_evidence
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.workbench.rich_text import LONGEST_PASTE, LONGEST_TEXT, markdown_of
from literature.merging.services import rewrite_mentions
from tests import factories

WORD = (
    "<html><head><style>p {color: red}</style></head><body><!--[if !supportLists]-->"
    '<h1>What happened</h1><p class="MsoNormal">The <b>board</b> saw <i>averages</i>&nbsp;only.</p>'
    '<p class="MsoListParagraph">·&nbsp;&nbsp;&nbsp;first</p><p class="MsoListParagraph">·&nbsp;&nbsp;&nbsp;second</p></body></html>'
)


def test_text_from_word_keeps_its_marks_and_nothing_else():
    assert markdown_of(WORD) == "### What happened\n\nThe **board** saw *averages* only.\n\n- first\n- second"


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
    assert markdown_of(html).replace("&lt;", "<").replace("\\", "") == kept


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
    assert client.post(convert, {"html": "<p><b>x</b></p>"}).json() == {"markdown": "**x**"}
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
