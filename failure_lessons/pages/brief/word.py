"""A brief as a Word file: real headings, a table with a header, links, page numbers; British English; no macros."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence

from django.conf import settings
from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from failure_lessons.files.qr import qr_png
from failure_lessons.files.word import (
    SOFT,
    add_field,
    add_link,
    add_small_print,
    bookmark_name,
    make_word_element,
    style_document,
)
from failure_lessons.pages.brief.parts import Brief, BriefFinding, BriefItem, BriefLesson, Source
from failure_lessons.validators.text import clean_texts

FRONT_MARGIN, LATER_MARGIN = Cm(1.6), Cm(2.3)
FRONT_SIZES = {1: 11, 2: 11, 3: 10}  # points, by the number of records: three short forms fill a page at 10


def make_docx(made: Brief) -> bytes:
    """The file: its first page, then as much as was asked for."""
    made = clean_texts(made)
    document = Document()
    describe_document(document, made)
    add_front(document, made)
    if made.depth != "1":
        open_pages(document, made)
        start = len(document.paragraphs)
        add_summary(document, made)
        for paragraph in document.paragraphs[start:] if made.depth else ():
            tighten_paragraph(paragraph, Pt(10))
    if not made.depth:
        add_evidence(document, made.lessons, made.findings, made.site)
        add_sources(document, made.sources)
        add_about(document, made)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def describe_document(document: Doc, made: Brief) -> None:
    """Language, styles, the first page's margins, what the file says about itself."""
    told = document.core_properties
    told.title, told.author, told.language = made.title[:255], settings.SITE.name, "en-GB"
    told.subject, told.comments = "Brief with evidence and sources", ""
    told.keywords = ", ".join(map(str, made.selection.picks))[:255]
    told.created = told.modified = dt.datetime.combine(made.day, dt.time(12), dt.UTC).replace(tzinfo=None)
    told.last_modified_by = settings.SITE.name
    style_document(document)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = FRONT_MARGIN
    section.header_distance = section.footer_distance = Cm(0.5)


def open_pages(document: Doc, made: Brief) -> None:
    """What follows the first page: wider margins, a header, and a footer with the number of the page."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.left_margin = section.right_margin = Cm(1.8) if made.depth else LATER_MARGIN
    section.top_margin = section.bottom_margin = Cm(2) if made.depth else Cm(2.5)
    section.header_distance = section.footer_distance = Cm(1.2)
    section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
    section.header.paragraphs[0].text = f"{made.title} · {settings.SITE.name}"
    foot = section.footer.paragraphs[0]
    picks = [str(pick) for pick in made.selection.picks]
    foot.add_run(f"Made on {made.made_on}. Editions: {', '.join(picks[:8])}{' and more' if len(picks) > 8 else ''}. ")
    add_link(foot, "Open this brief online", made.permanent)
    foot.add_run(". Page ")
    add_field(foot, "PAGE")
    foot.add_run(" of ")
    add_field(foot, "NUMPAGES")
    for paragraph in (section.header.paragraphs[0], foot):
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(9), SOFT


def add_front(document: Doc, made: Brief) -> None:
    """The first page, complete in itself."""
    size = Pt(FRONT_SIZES.get(len(made.items), 10))
    head = document.add_table(rows=1, cols=2)
    head.autofit = False
    words, code = head.rows[0].cells
    for place, width in enumerate((Cm(15.2), Cm(2.6))):
        head.columns[place].width = head.rows[0].cells[place].width = width
    title = words.paragraphs[0]
    title.style = document.styles["Title"]
    title.paragraph_format.space_after = Pt(4)
    title.add_run(made.title).font.size = Pt(16 if len(made.items) > 1 else 20)
    told = words.add_paragraph()
    told.add_run(
        f"Brief from {settings.SITE.name} · {made.made_on} · {count_things(made.items, 'record')} · "
    ).font.size = size
    add_link(told, made.short_address, made.short_address)
    if made.items:
        picture = code.paragraphs[0].add_run().add_picture(io.BytesIO(qr_png(made.short_address)), width=Cm(2.3))
        picture._inline.docPr.set("descr", f"QR code of the address {made.short_address}")
    start = len(document.paragraphs)
    for text in made.note:
        document.add_paragraph(text)
    document.add_heading("Messages", 1).paragraph_format.space_before = Pt(0)
    for item in made.items:
        add_front_item(document, item, made, more=len(made.items) == 1)
    document.add_paragraph(
        made.honesty_in_short + (" Reasons, evidence and sources: at the address above." if made.depth == "1" else "")
    )
    for paragraph in [told, *document.paragraphs[start:]]:
        tighten_paragraph(paragraph, size)


def tighten_paragraph(paragraph: Paragraph, size: Pt) -> None:
    """The close type of the first page, links included."""
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.line_spacing = 1.0
    style = (paragraph.style and paragraph.style.name) or ""
    if style.startswith("Heading"):
        paragraph.paragraph_format.space_before = Pt(2)
        size = Pt(size.pt + 1) if style == "Heading 2" else Pt(14)
    for text in paragraph._p.iter(qn("w:r")):
        Run(text, paragraph).font.size = size


def add_front_item(document: Doc, item: BriefItem, made: Brief, *, more: bool) -> None:
    """What the first page says of a record."""
    if item.withdrawn:
        document.add_paragraph().add_run(f"{item.name}, edition {item.number}: withdrawn. {item.title}").bold = True
        document.add_paragraph(item.withdrawn)
        return
    front = item.front
    whereabouts = document.add_paragraph()
    whereabouts.paragraph_format.space_before = Pt(5)
    add_whereabouts(whereabouts, item, made.site)
    if front.question:
        whereabouts.add_run(f" · {front.question}")
    document.add_heading(front.action, 2)
    if front.facts:
        add_pairs(document.add_paragraph(), front.facts, " · ")
    for pair in front.points:
        add_pairs(document.add_paragraph(), [pair])
    if front.steps:
        document.add_paragraph().add_run("Steps").bold = True
        for place, text in enumerate(front.steps, start=1):
            step = document.add_paragraph(f"{place}. {text}")
            step.paragraph_format.left_indent = Cm(0.5)
    for pair in front.more if more else ():
        add_pairs(document.add_paragraph(), [pair])
    if item.changed:
        document.add_paragraph(item.changed)


def add_summary(document: Doc, made: Brief) -> None:
    """Each record with its reasons, and what speaks against it."""
    document.add_heading("Summary", 1)
    for item in made.items:
        document.add_heading(f"{item.code}. {item.title}" if item.code else item.title, 2)
        if item.withdrawn:
            document.add_paragraph(item.withdrawn)
            continue
        if item.newer:
            document.add_paragraph(f"A newer edition exists. {item.newer} This brief keeps edition {item.number}.")
        if item.changed:
            document.add_paragraph(item.changed)
        if item.what != item.title:
            document.add_paragraph().add_run(item.what).bold = True
        if item.facts:
            add_pairs(document.add_paragraph(), item.facts)
        for part in item.parts:
            document.add_heading(part.heading, 3)
            for text in part.texts:
                document.add_paragraph(text)
        if item.rests_on:
            rests = document.add_paragraph()
            rests.add_run("Evidence: ").bold = True
            for place, (code, anchor) in enumerate(item.rests_on):
                rests.add_run(", " if place else "")
                if made.depth:
                    rests.add_run(code)
                else:
                    add_link(rests, code, anchor=anchor)


def add_evidence(document: Doc, lessons: list[BriefLesson], findings: list[BriefFinding], site: str) -> None:
    """What the records rest on, down to the words of the sources."""
    if not lessons and not findings:
        return
    on_a_new_page(document, "Evidence")
    for lesson in lessons:
        add_bookmark(document.add_heading(f"{lesson.code}. {lesson.title}", 2), lesson.anchor)
        edition = f", edition {lesson.edition}" if lesson.edition else ""
        add_link(document.add_paragraph(), f"Lesson {lesson.code}{edition}", f"{site}{lesson.page}")
        document.add_paragraph().add_run(lesson.statement).bold = True
        if lesson.facts:
            add_small_print(document.add_paragraph(), lesson.facts)
        for part in lesson.parts:
            document.add_heading(part.heading, 3)
            for text in part.texts:
                document.add_paragraph(text)
        for each in lesson.evidence:
            bearing = document.add_paragraph(style="List Bullet")
            bearing.add_run(f"{each.relation}: ").bold = True
            add_link(bearing, each.finding, anchor=each.anchor)
            bearing.add_run(f", {each.statement} {each.note}".rstrip())
    if findings:
        document.add_heading("Findings, with their sources", 2)
    for finding in findings:
        edition = f", edition {finding.edition}" if finding.edition else ""
        add_bookmark(document.add_heading(f"{finding.code}{edition}", 3), finding.anchor)
        document.add_paragraph(finding.statement)
        if finding.facts:
            told = document.add_paragraph()
            add_small_print(told, f"{finding.facts}. ")
            add_link(told, f"Finding {finding.code} in full", f"{site}{finding.page}")
        if finding.citations:
            cited = document.add_paragraph()
            cited.add_run("Sources: ").bold = True
            for place, citation in enumerate(finding.citations):
                cited.add_run("; " if place else "")
                add_link(cited, f"[{citation.source}]", anchor=f"source-{citation.source}")
                quoted = f": “{citation.quotation}”" if citation.quotation else ""
                cited.add_run(f" {citation.short}, {citation.locator}{quoted}")
            cited.add_run(".")


def add_sources(document: Doc, sources: list[Source]) -> None:
    """The list of sources. The numbers are text, so that they stay right when parts are copied elsewhere."""
    if not sources:
        return
    on_a_new_page(document, "Sources")
    for source in sources:
        entry = document.add_paragraph()
        entry.paragraph_format.left_indent, entry.paragraph_format.first_line_indent = Cm(1), Cm(-1)
        entry.add_run(f"{source.number}. {source.lead} ")
        add_link(entry, source.title or "our record of it", source.link)
        entry.add_run(f". {source.rest}")
        add_bookmark(entry, f"source-{source.number}")


def add_about(document: Doc, made: Brief) -> None:
    """What this is, which editions it holds, and where it stands."""
    document.add_heading("About this brief", 1)
    document.add_paragraph(made.statement_of_honesty)
    document.add_paragraph(
        "Every record is given in one numbered edition, which does not change; what this brief says stays as it is "
        "when a record gets a newer one."
    )
    table = document.add_table(rows=1, cols=4, style="Table Grid")
    for cell, text in zip(table.rows[0].cells, ("Record", "Title", "Edition", "Published"), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(make_word_element("w:tblHeader", {"w:val": "true"}))
    for item in made.items:
        cells = table.add_row().cells
        add_link(cells[0].paragraphs[0], item.name, f"{made.site}{item.page}")
        state = " (withdrawn)" if item.withdrawn else " (a newer edition exists)" if item.newer else ""
        cells[1].text, cells[2].text, cells[3].text = f"{item.title}{state}", str(item.number), item.published
    for place, width in enumerate((Cm(3.8), Cm(7.4), Cm(1.8), Cm(3.4))):
        for cell in table.columns[place].cells:
            cell.width = width
    address = document.add_paragraph()
    address.paragraph_format.space_before = Pt(10)
    address.add_run("Address of this brief: ").bold = True
    add_link(address, made.permanent, made.permanent)


def on_a_new_page(document: Doc, heading: str) -> None:
    """A heading of the first level that opens a page."""
    document.add_heading(heading, 1).paragraph_format.page_break_before = True


def add_whereabouts(paragraph: Paragraph, item: BriefItem, site: str) -> None:
    """Which edition of which record, with its address."""
    add_link(paragraph, f"{item.name}, edition {item.number}", f"{site}{item.page}")
    if item.newer:
        paragraph.add_run(" (a newer edition exists)")
    paragraph.paragraph_format.keep_with_next = True


def add_pairs(paragraph: Paragraph, pairs: Iterable[tuple[str, str]], between: str = "") -> None:
    """Names and values: who, by when, how sure. Each in a line of its own, or with words `between` them."""
    for place, (name, value) in enumerate(pairs):
        if place and between:
            paragraph.add_run(between)
        elif place:
            paragraph.add_run().add_break(WD_BREAK.LINE)
        paragraph.add_run(f"{name}: ").bold = True
        paragraph.add_run(value)


def count_things(things: Sequence[object], noun: str) -> str:
    """Such as “1 record” or “3 records”."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def add_bookmark(paragraph: Paragraph, anchor: str) -> None:
    """Put a bookmark on a paragraph."""
    number = str(len(paragraph.part.element.findall(f".//{qn('w:bookmarkStart')}")) + 1)
    paragraph._p.append(make_word_element("w:bookmarkStart", {"w:id": number, "w:name": bookmark_name(anchor)}))
    paragraph._p.append(make_word_element("w:bookmarkEnd", {"w:id": number}))
