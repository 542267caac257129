"""Answers as files for an analyst: ratings long and wide, a codebook, comments for programs of qualitative analysis."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from django.conf import settings

from failure_lessons.files.cells import NO_XML, open_csv
from recommendations.consultations.answers import Rating, Submitted
from recommendations.consultations.models import ConsultationRound
from recommendations.consultations.saving import CANNOT_JUDGE

QDA_SPACE = "urn:QDA-XML:project:1.0"
NAMES = uuid.UUID("0e2a2c34-6a3d-5f0e-9d55-1f6f0a9a7c11")  # the namespace of our GUIDs
SAME_TIME = (1980, 1, 1, 0, 0, 0)  # of every part of the archive


@dataclass(frozen=True)
class AnswerFile:
    """A file that an analyst takes away."""

    label: str
    content_type: str
    build: Callable[[ConsultationRound], bytes]


def write_long(consultation: ConsultationRound) -> bytes:
    """One row an answer, under pseudonyms, in the order of the pseudonyms."""
    out = io.StringIO()
    rows = open_csv(out)
    rows.writerow(
        ["pseudonym", "group", "statement", "question", "value", "choice", "cannot judge", "counted", "reason"]
    )
    answers = Rating.objects.filter(answerer__round=consultation).select_related(
        "answerer__group", "statement", "question"
    )
    for each in answers.order_by("answerer__pseudonym", "statement__position", "question__position").iterator():
        rows.writerow(
            [
                each.answerer.pseudonym[:16],
                each.answerer.group.code,
                each.statement.code,
                each.question.code,
                each.value if each.value is not None else "",
                each.choice,
                "yes" if each.cannot_judge else "no",
                "yes" if each.is_counted else "no",
                each.reason,
            ]
        )
    return out.getvalue().encode("utf-8-sig")


def write_wide(consultation: ConsultationRound) -> bytes:
    """One row an answerer, one column a question about a statement."""
    questions = list(consultation.questions.all())
    items = [(s.code, q.code) for s in consultation.statements.all() for q in questions if q.is_about(s)]
    out = io.StringIO()
    rows = open_csv(out)
    rows.writerow(["pseudonym", "group", *(f"{statement} {question}" for statement, question in items)])
    for who in consultation.answerers.select_related("group").prefetch_related(
        "ratings__statement", "ratings__question"
    ):
        said = {(each.statement.code, each.question.code): tell_answer(each) for each in who.ratings.all()}
        rows.writerow([who.pseudonym[:16], who.group.code, *(said.get(item, "") for item in items)])
    return out.getvalue().encode("utf-8-sig")


def tell_answer(each: Rating) -> str | int:
    """An answer in a cell."""
    return CANNOT_JUDGE if each.cannot_judge else each.value or each.choice


def write_codebook(consultation: ConsultationRound) -> bytes:
    """What each column and value of the other files means."""
    out = io.StringIO()
    rows = open_csv(out)
    rows.writerow(["kind", "code", "meaning"])
    for statement in consultation.statements.all():
        rows.writerow(["statement", statement.code, statement.wording])
    for question in consultation.questions.all():
        ends = f" (1: {question.low_words}; 9: {question.high_words})" if question.low_words else ""
        rows.writerow(["question", question.code, question.wording + ends])
    for group in consultation.groups.all():
        rows.writerow(["group", group.code, group.name])
    rows.writerow(["value", "1 to 9", consultation.scale_words])
    rows.writerow(["value", CANNOT_JUDGE, "Said that they cannot judge it; not counted."])
    return out.getvalue().encode("utf-8-sig")


def make_guid(*parts: object) -> str:
    """The same GUID each time the file is written."""
    return str(uuid.uuid5(NAMES, " ".join(map(str, parts))))


def write_project(consultation: ConsultationRound) -> bytes:
    """A REFI-QDA project: each comment a text, each answerer a case, the group a variable of the case."""
    maker = make_guid("user")
    root = Element("Project", {"xmlns": QDA_SPACE, "name": consultation.title, "origin": settings.SITE.name})
    users = SubElement(root, "Users")
    SubElement(users, "User", {"guid": maker, "name": settings.SITE.name})
    root.set("creatingUserGUID", maker)
    texts = list(Submitted.objects.filter(answerer__round=consultation).select_related("answerer__group", "statement"))
    variable = make_guid(consultation.record_id, "group")
    variables = SubElement(root, "Variables")
    SubElement(variables, "Variable", {"guid": variable, "name": "Group", "typeOfVariable": "Text"})
    cases = SubElement(root, "Cases")
    sources = SubElement(root, "Sources")
    by_case: dict[str, list[Submitted]] = {}
    for each in texts:
        by_case.setdefault(each.answerer.pseudonym, []).append(each)
    for pseudonym, said in sorted(by_case.items()):
        case = SubElement(cases, "Case", {"guid": make_guid(pseudonym), "name": pseudonym[:16]})
        value = SubElement(case, "VariableValue")
        SubElement(value, "VariableRef", {"targetGUID": variable})
        SubElement(value, "TextValue").text = said[0].answerer.group.name
        for each in said:
            SubElement(case, "SourceRef", {"targetGUID": make_guid("source", each.pk)})
    files: dict[str, str] = {}
    for each in texts:
        guid = make_guid("source", each.pk)
        about = each.statement.code if each.statement else "the round"
        name = f"{each.get_form_display()} on {about} ({each.number or each.pk})"
        SubElement(sources, "TextSource", {"guid": guid, "name": name, "plainTextPath": f"internal://{guid}.txt"})
        files[f"sources/{guid}.txt"] = each.text
    return pack_project(root, files)


def pack_project(root: Element, files: dict[str, str]) -> bytes:
    """The archive of a project."""
    for empty in [each for each in root if not len(each)]:
        root.remove(empty)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        whole = ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
        for name, text in {"project.qde": whole, **files}.items():
            archive.writestr(zipfile.ZipInfo(name, SAME_TIME), NO_XML.sub("\ufffd", text).encode())
    return packed.getvalue()


CSV = "text/csv; charset=utf-8"
ANSWER_FILES = {
    "ratings-long.csv": AnswerFile("Ratings, one row an answer", CSV, write_long),
    "ratings-wide.csv": AnswerFile("Ratings, one row an answerer", CSV, write_wide),
    "codebook.csv": AnswerFile("What codes and values mean", CSV, write_codebook),
    "comments.qdpx": AnswerFile("Comments for NVivo, ATLAS.ti or MAXQDA", "application/zip", write_project),
}
