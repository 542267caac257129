"""A brief as a Word file: real headings, a table with a header, links, page numbers; British English; no macros."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

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


def make_docx(made: Brief) -> bytes:
    """The file."""
    made = clean_texts(made)
    document = Document()
    set_up_document(document, made)
    add_messages(document, made)
    add_summary(document, made.items)
    add_evidence(document, made.lessons, made.findings, made.site)
    add_sources(document, made.sources)
    add_about(document, made)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def set_up_document(document: Doc, made: Brief) -> None:
    """Language, styles, margins, what the file says about itself, header and footer."""
    told = document.core_properties
    told.title, told.author, told.language = made.title[:255], "Failure Lessons", "en-GB"
    told.subject, told.comments = "Brief with evidence and sources", ""
    told.keywords = ", ".join(map(str, made.selection.picks))[:255]
    told.created = told.modified = dt.datetime.combine(made.day, dt.time(12), dt.UTC).replace(tzinfo=None)
    told.last_modified_by = "Failure Lessons"
    style_document(document)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.different_first_page_header_footer = False
    section.header.paragraphs[0].text = f"{made.title} · Failure Lessons"
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


def add_messages(document: Doc, made: Brief) -> None:
    """The first page: what there is to say."""
    add_small_print(document.add_paragraph(), "Brief from Failure Lessons")
    document.add_paragraph(made.title, style="Title")
    add_small_print(
        document.add_paragraph(),
        f"{made.made_on} · {count_things(made.items, 'record')} · {count_things(made.sources, 'source')}",
    )
    for text in made.note:
        document.add_paragraph(text)
    document.add_heading("Messages", 1)
    for item in made.items:
        if item.withdrawn:
            document.add_paragraph().add_run(f"{item.name}, edition {item.number}: withdrawn. {item.title}").bold = True
            document.add_paragraph(item.withdrawn)
            continue
        head = document.add_paragraph()
        head.add_run(item.what).bold = True
        head.paragraph_format.keep_with_next = True
        add_whereabouts(document.add_paragraph(), item, made.site)
        if item.facts:
            add_facts(document.add_paragraph(), item)
    add_small_print(document.add_paragraph(), made.statement_of_honesty)


def add_summary(document: Doc, items: Iterable[BriefItem]) -> None:
    """Each record with its reasons, and what speaks against it."""
    on_a_new_page(document, "Summary")
    for item in items:
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
            add_facts(document.add_paragraph(), item)
        for part in item.parts:
            document.add_heading(part.heading, 3)
            for text in part.texts:
                document.add_paragraph(text)
        if item.rests_on:
            rests = document.add_paragraph()
            rests.add_run("Evidence: ").bold = True
            for place, (code, anchor) in enumerate(item.rests_on):
                rests.add_run(", " if place else "")
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


def add_facts(paragraph: Paragraph, item: BriefItem) -> None:
    """Who, by when, how sure."""
    for place, (name, value) in enumerate(item.facts):
        if place:
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
