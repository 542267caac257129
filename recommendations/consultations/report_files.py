"""The report of a round as files: the figures as tables, the whole as Word and PDF. All are made of the same rows."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

import docx
import orjson
import typst
import xlsxwriter  # type: ignore[import-untyped]

from failure_lessons.files.cells import cell_text, open_csv
from failure_lessons.files.word import WORD, style_document
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import RecordFile
from failure_lessons.types import Document, JSONObject
from failure_lessons.validators.text import clean_texts
from recommendations.consultations.agreement import OUTCOMES
from recommendations.consultations.answers import Disposition
from recommendations.consultations.workshops import TableNote

REPORT_SOURCE = Path(__file__).with_name("report.typ").read_bytes()
REPORT_COMPILER = typst.Compiler()
REPORT_TURN = threading.Lock()  # the compiler makes one file at a time
RESULT_HEAD = (
    *("Statement", "Question", "Group", "Outcome", "n", "Median", "Lower quartile", "Upper quartile"),
    *("Disagreement index", "Share 1 to 3", "Share 4 to 6", "Share 7 to 9"),
    *(f"Rated {value}" for value in range(1, 10)),
)
COMMENT_HEAD = ("Number", "Statement", "Words", "What became of it", "Reason", "Changed", "Edition", "Repeats")
Cell = str | int | float


@dataclass
class ReportPart:
    """A heading with paragraphs and perhaps a table."""

    title: str
    level: int = 1
    lines: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def list_result_rows(content: Document) -> Iterator[list[Cell]]:
    """One row for everybody and one for each group, of each question about each statement."""
    for item in (content.get("report") or {}).get("items", []):
        if "panel" not in item:
            continue
        for name, figures in (("Everybody", item["panel"]), *((each["group"], each) for each in item["groups"])):
            shown = [figures.get(key, 0) for key in ("n", "median", "q1", "q3", "di")]
            shares = [figures.get(key, 0) for key in ("share_1_3", "share_4_6", "share_7_9")]
            numbers = [round(each, 6) for each in (*shown, *shares)]
            yield [item["statement"], item["question"], name, item["outcome"], *numbers, *figures["counts"]]


def build_results_csv(edition: Edition, record: Document | None, address: str) -> bytes:
    """The figures as CSV."""
    out = io.StringIO()
    rows = open_csv(out)
    rows.writerow(RESULT_HEAD)
    for each in list_result_rows(edition.content):
        rows.writerow(each)
    return out.getvalue().encode("utf-8-sig")


def build_results_xlsx(edition: Edition, record: Document | None, address: str) -> bytes:
    """The figures as a workbook; no cell is a formula."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Results")
        for place, each in enumerate([RESULT_HEAD, *list_result_rows(edition.content)]):
            for column, cell in enumerate(each):
                if isinstance(cell, str):
                    sheet.write_string(place, column, cell_text(cell))
                else:
                    sheet.write_number(place, column, cell)
        sheet.freeze_panes(1, 0)
    return file.getvalue()


def build_comments_csv(edition: Edition, record: Document | None, address: str) -> bytes:
    """Every comment as readers may have it, with what became of it, as CSV."""
    out, outcomes = io.StringIO(), dict(Disposition.Outcome.choices)
    rows = open_csv(out)
    rows.writerow(COMMENT_HEAD)
    for each in (edition.content.get("report") or {}).get("comments", []):
        told = [each.get(name) or "" for name in ("reason", "change", "edition", "repeats")]
        words = [each["number"], each.get("statement") or "", each.get("text") or ""]
        rows.writerow([*words, outcomes.get(each["outcome"], ""), *told])
    return out.getvalue().encode("utf-8-sig")


def list_parts(content: JSONObject) -> list[ReportPart]:
    """The parts of protocol and report, in the order in which they are read."""
    report = content.get("report") or {}
    parts = [ReportPart(content["title"], 1, [content["purpose"], *(rule["words"] for rule in content["rules"])])]
    if not report:
        parts.append(ReportPart("Protocol", 1, ["This is the protocol; the report follows as a later edition."]))
    parts.append(
        ReportPart(
            "Who took part",
            1,
            [*report.get("attrition", []), *filter(None, [report.get("conflicts")])],
            ["Group", "Invited", "Answered"],
            [[row["group"], str(row["invited"]), str(row["answered"])] for row in report.get("response", [])],
        )
    )
    if report.get("interpretation"):
        parts.append(ReportPart("What the facilitators make of it (in their words)", 1, [report["interpretation"]]))
    wordings = {each["code"]: each["wording"] for each in content["questions"]}
    for statement in content["statements"]:
        parts.append(ReportPart(f"{statement['code']}: {statement.get('wording', 'a draft')}"))
        parts += [
            describe_item_part(item, wordings)
            for item in report.get("items", [])
            if item["statement"] == statement["code"]
        ]
    parts += [part for session in content.get("sessions", []) for part in describe_workshop_parts(session)]
    parts.append(ReportPart("Comments, and what became of each", 1, [*map(tell_comment, report.get("comments", []))]))
    parts.append(ReportPart("Departures from the protocol", 1, report.get("departures") or ["None."]))
    parts.append(ReportPart("Limits", 1, [report.get("limits") or "None were written down."]))
    points = [f"{'Gap. ' if p.get('is_gap') else ''}{p['item']}: {p['answer']}" for p in report.get("checklist", [])]
    parts.append(ReportPart("What the guidelines ACCORD and DELPHISTAR ask", 1, points))
    return [each for each in parts if each.lines or each.rows or each.title.partition(":")[2]]


def describe_item_part(item: JSONObject, wordings: JSONObject) -> ReportPart:
    """One question about one statement, with its table."""
    part = ReportPart(str(wordings.get(item["question"], item["question"])), 2)
    if "outcome" in item:
        part.lines.append(f"{OUTCOMES.get(item['outcome'], item['outcome'])}. {item['rule']}")
    part.lines += [f"Minority view. {each}" for each in item.get("minority", [])]
    if "panel" in item:
        part.head = ["Group", "n", "Median", "Quartiles", "Index", "Ratings of 1 to 9"]
        for name, figures in (("Everybody", item["panel"]), *((each["group"], each) for each in item["groups"])):
            quartiles = f"{figures.get('q1', 0):g} to {figures.get('q3', 0):g}"
            counts = " · ".join(map(str, figures["counts"]))
            median, index = f"{figures.get('median', 0):g}", f"{figures.get('di', 0):.2f}"
            part.rows.append([name, str(figures["n"]), median, quartiles, index, counts])
    elif "choices" in item:
        part.lines += [f"{each['option']}: {each['count']}" for each in item["choices"]]
    else:
        part.lines.append("Too few answered for figures to be shown.")
    return part


def describe_workshop_parts(session: JSONObject) -> Iterator[ReportPart]:
    """A workshop: when and what about, how people voted, the minutes."""
    when = f"{session['starts_at'].replace('T', ', ')} to {session['ends_at'][-5:]}, {session['place']}"
    yield ReportPart(f"Workshop: {session['title']}", 1, [when, *session.get("agenda", [])])
    for vote in session.get("votes", []):
        part = ReportPart(vote["wording"], 2, head=["Option", "Votes"])
        part.rows = [[each["option"], tell_count(each)] for each in vote["options"]]
        if vote.get("has_paper"):
            part.lines.append("Some voted on paper.")
        yield part
    if minutes := session.get("minutes", []):
        forms = dict(TableNote.Form.choices)
        lines = [f"{forms[m['form']]}: {m['words']}{tell_role(m)}" for m in minutes]
        yield ReportPart("Minutes", 2, lines)


def tell_count(option: JSONObject) -> str:
    """How many chose an option, where they are enough to be told."""
    return "too few to show" if option.get("count") is None else str(option["count"])


def tell_role(line: JSONObject) -> str:
    """Which role sees to it."""
    return f" ({line['who']})" if line.get("who") else ""


def tell_comment(comment: JSONObject) -> str:
    """A comment in one paragraph."""
    outcome = dict(Disposition.Outcome.choices).get(comment["outcome"], "")
    about = f" on {comment['statement']}" if comment.get("statement") else ""
    words = f"“{comment['text']}” " if comment.get("text") else "Its words are not published. "
    change = f" Changed: {comment['change']}." if comment.get("change") else ""
    return f"{comment['number']}{about}: {words}{outcome}. {comment.get('reason', '')}{change}"


def build_report_docx(edition: Edition, record: Document | None, address: str) -> bytes:
    """The report as a Word file."""
    document = docx.Document()
    style_document(document)
    document.core_properties.title = edition.title
    for number, part in enumerate(clean_texts(list_parts(edition.content))):
        document.add_heading(part.title, 0 if number == 0 else part.level)
        for line in [address, *part.lines] if number == 0 else part.lines:
            document.add_paragraph(line)
        if part.rows:
            table = document.add_table(rows=1, cols=len(part.head), style="Table Grid")
            for cells in (part.head, *part.rows):
                row = table.rows[0] if cells is part.head else table.add_row()
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def build_report_pdf(edition: Edition, record: Document | None, address: str) -> bytes:
    """The report as a tagged PDF."""
    parts = [asdict(each) for each in clean_texts(list_parts(edition.content))[1:]]
    first = list_parts(edition.content)[0]
    parts.insert(0, asdict(ReportPart("What for", 1, first.lines)))
    return typeset_report(orjson.dumps({"title": edition.title, "address": address, "parts": parts}).decode())


@lru_cache(maxsize=16)
def typeset_report(content: str) -> bytes:
    """The PDF of this content."""
    with REPORT_TURN:
        made = REPORT_COMPILER.compile(
            input=REPORT_SOURCE, format="pdf", sys_inputs={"report": content}, pdf_standards="ua-1"
        )
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no single PDF.")
    return made


REPORT_FILES = (
    RecordFile(
        name="results.csv", content_type="text/csv; charset=utf-8", build=build_results_csv, route="round-results-csv"
    ),
    RecordFile(
        name="results.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        build=build_results_xlsx,
        route="round-results-xlsx",
    ),
    RecordFile(
        name="comments.csv",
        content_type="text/csv; charset=utf-8",
        build=build_comments_csv,
        route="round-comments-csv",
    ),
    RecordFile(
        name="report.docx", content_type=WORD, build=build_report_docx, suffix="-report", route="round-report-word"
    ),
    RecordFile(
        name="report.pdf",
        content_type="application/pdf",
        build=build_report_pdf,
        suffix="-report",
        route="round-report-pdf",
    ),
)
