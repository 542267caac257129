"""A review's Summary of Qualitative Findings, CERQual profile and studies as a Word file, made from its data."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import docx
from django.conf import settings
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT
from docx.shared import Cm, Length, Pt

from failure_lessons.charts.profile import COMPONENT_LABELS, draw_profile
from failure_lessons.files.word import add_field, add_link, add_small_print, make_word_element, style_document
from failure_lessons.publishing.models import Edition
from failure_lessons.types import Document
from failure_lessons.validators.text import clean_texts
from failure_lessons.vocabularies.choices import ConfidenceLevel
from literature.extracting.tables import tabulate_characteristics

SUMMARY = ("Finding", "Confidence", "Why", "Studies behind it")
PROFILE = ("Finding", *COMPONENT_LABELS.values(), "Overall, chosen by a person")
CHARACTERISTICS_HEADS = ("Study", "What was read out of it by two people")
NOT_ASSESSED = "Not assessed"


def describe_finding(finding: Document) -> str:
    """A finding with its code."""
    return f"{finding['code']} {finding.get('statement') or finding.get('title') or ''}".strip()


def summary_rows(findings: Iterable[Document]) -> list[tuple[str, ...]]:
    """The rows of the Summary of Qualitative Findings, from resolved findings."""
    rows: list[tuple[str, ...]] = []
    for finding in findings:
        cerqual = finding.get("cerqual")
        level = str(ConfidenceLevel(cerqual["overall"]["level"]).label) if cerqual else NOT_ASSESSED
        studies = dict.fromkeys(item["reference"]["short"] for item in finding.get("sources") or [])
        rows.append(
            (describe_finding(finding), level, draw_profile(cerqual).explanation if cerqual else "", "; ".join(studies))
        )
    return rows


def profile_rows(findings: Iterable[Document]) -> list[tuple[tuple[str, str], ...]]:
    """The rows of the evidence profile: the finding, then a level and a reason for each component and overall."""
    rows: list[tuple[tuple[str, str], ...]] = []
    for finding in findings:
        cerqual = finding.get("cerqual")
        cells = (
            [(part.level, part.reason) for part in draw_profile(cerqual).parts]
            if cerqual
            else [(NOT_ASSESSED, "")] * (len(PROFILE) - 1)
        )
        rows.append(((describe_finding(finding), ""), *cells))
    return rows


def characteristics_lines(record: Document) -> list[tuple[tuple[str, str], ...]]:
    """The rows of the table of characteristics: the study, then a line for each answer."""
    rows: list[tuple[tuple[str, str], ...]] = []
    for row in tabulate_characteristics(record):
        lines = []
        for cell in row.cells:
            quoted = f"“{cell.quotation}”{f' ({cell.locator})' if cell.locator else ''}" if cell.quotation else ""
            if told := " ".join(filter(None, [cell.words, quoted])):
                lines.append(f"{cell.question.label}: {told}")
        rows.append(((row.study["reference"]["short"], ""), ("\n".join(lines), "")))
    return rows


def make_profile_docx(record: Document, *, edition: str, address: str) -> bytes:
    """The file. `record` is a resolved review; `edition` says which edition, or that it is a draft."""
    record, edition, address = clean_texts((record, edition, address))
    document = docx.Document()
    style_document(document)
    told = document.core_properties
    told.title, told.author, told.language = str(record["title"])[:255], settings.SITE.name, "en-GB"
    told.subject, told.comments = "Summary of qualitative findings and evidence profile", ""
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)
    section.header.paragraphs[0].text = f"{record['title']} · {settings.SITE.name}"
    foot = section.footer.paragraphs[0]
    foot.add_run(f"{edition}. Page ")
    add_field(foot, "PAGE")
    foot.add_run(" of ")
    add_field(foot, "NUMPAGES")
    document.add_paragraph(str(record["title"]), style="Title")
    add_small_print(document.add_paragraph(), edition)
    document.add_paragraph(str(record["question"]))
    add_link(document.add_paragraph(), address, address)
    findings = list(record.get("findings") or [])
    document.add_heading("Summary of qualitative findings", 1)
    plain = [tuple((text, "") for text in row) for row in summary_rows(findings)]
    add_profile_table(document, SUMMARY, plain, (Cm(10), Cm(2.6), Cm(6.6), Cm(6.5)))
    document.add_heading("Evidence profile (GRADE-CERQual)", 1).paragraph_format.page_break_before = True
    add_profile_table(document, PROFILE, profile_rows(findings), (Cm(5.2), *[Cm(4.1)] * 5))
    add_small_print(
        document.add_paragraph(),
        "Each component has a level of concern and a reason; the overall level is chosen by a person, never added up. "
        "Method: Lewin and others (2018), Implementation Science 13(Suppl 1):2.",
    )
    if characterised := characteristics_lines(record):
        heading = document.add_heading("Characteristics of included studies", 1)
        heading.paragraph_format.page_break_before = True
        add_profile_table(document, CHARACTERISTICS_HEADS, characterised, (Cm(5.2), Cm(20.5)))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def add_profile_table(
    document: Doc, heads: Sequence[str], rows: Sequence[Sequence[tuple[str, str]]], widths: Sequence[Length]
) -> None:
    """A table whose head is repeated on each page. A cell is what stands first, in bold if more follows, and that."""
    made = document.add_table(rows=1, cols=len(heads), style="Table Grid")
    made.autofit = False
    for cell, head in zip(made.rows[0].cells, heads, strict=True):
        cell.paragraphs[0].add_run(head).bold = True
    made.rows[0]._tr.get_or_add_trPr().append(make_word_element("w:tblHeader", {"w:val": "true"}))
    for row in rows:
        line = made.add_row()
        line._tr.get_or_add_trPr().append(make_word_element("w:cantSplit", {"w:val": "true"}))
        for cell, (first, more) in zip(line.cells, row, strict=True):
            cell.paragraphs[0].add_run(first).bold = bool(more)
            if more:
                cell.add_paragraph(more)
    for line in made.rows:
        for cell, width in zip(line.cells, widths, strict=True):
            cell.width = width
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(2)
                for run in paragraph.runs:
                    run.font.size = Pt(9.5)
    if not rows:
        document.add_paragraph("No finding is recorded.")


def build_profile(edition: Edition, record: Document | None, address: str) -> bytes:
    """The tables of one edition of a review."""
    which = f"Edition {edition.number} of {edition.published_at:%d %B %Y}".replace(" 0", " ")
    return make_profile_docx(record or {}, edition=which, address=address)
