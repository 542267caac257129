"""What a record claims, never without what belongs to it: code, edition, confidence, counter-evidence, citation.

For programs that read for people. A claim that lacks one of these cannot be made: `Claim` refuses it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, Field

from failure_lessons_client.records import Record

Words = Annotated[str, Field(min_length=1)]
NOTHING_AGAINST = "This edition records nothing that speaks against it. That is not proof that there is nothing."
NOT_GRADED = "Not graded: how sure we are is said of the lessons and recommendations that rest on it."
STATEMENT_MEMBERS = ("statement", "answer", "text", "definition", "scope_note", "summary", "question", "abstract")


class Claim(BaseModel):
    """One record in one edition."""

    kind: Words
    code: Words = Field(description="Its code, or its slug where the kind has no codes.")
    title: Words
    statement: Words
    edition: int = Field(ge=1, description="The number of the edition; its words never change.")
    published: dt.date
    confidence: Words = Field(description="How sure the authors are, and why. Never leave it out.")
    counter_evidence: list[Words] = Field(min_length=1, description="What speaks against it. Never leave it out.")
    evidence_changed: bool = Field(description="Whether something it rests on was replaced or withdrawn since.")
    citation: Words = Field(description="How to cite this edition, with its permanent address.")


class Step(Claim):
    """A claim that another rests on."""

    relation: str = Field(description="What it does for which claim, such as “supports LS1”, and how.")


class Quotation(BaseModel):
    """Where a claim comes from, in the source's own words where we hold them."""

    claim: Words = Field(description="The code of the claim that rests on it.")
    words: str = Field(description="The words of the source; empty where only the place is known.")
    place: str = Field(description="Page, paragraph or section.")
    read: str = Field(
        description="What was read: the text itself, an abstract, a notice or a summary; whole or in part."
    )
    source: Words
    citation: Words = Field(description="Our record of the source, with its permanent address.")


class Chain(BaseModel):
    """A claim, everything it rests on, and the words of the sources at the end."""

    claim: Claim
    rests_on: list[Step]
    quotations: list[Quotation]


def claim_of(record: Record) -> Claim:
    """The claim of a record."""
    return Claim.model_validate(claim_members(record))


def claim_members(record: Record) -> dict[str, object]:
    """What a claim holds."""
    derived = record.get("derived", {})
    title = str(derived.get("title") or record.title or record.slug)
    return {
        "kind": record.kind,
        "code": record.code or record.slug,
        "title": title,
        "statement": next((str(record[name]) for name in STATEMENT_MEMBERS if record.get(name)), title),
        "edition": record.number,
        "published": record.published_at.date(),
        "confidence": confidence_of(record) or NOT_GRADED,
        "counter_evidence": [*filter(None, speaking_against(record))] or [NOTHING_AGAINST],
        "evidence_changed": record.evidence_has_changed,
        "citation": cite_record(record),
    }


def cite_record(record: Record) -> str:
    """Who published it, what it is called, which edition, when and where."""
    name = f"“{record.get('derived', {}).get('title') or record.title or record.slug}”"
    code = f" ({record.code})" if record.code else ""
    day = record.published_at.date().isoformat()
    return f"Failure Lessons, {name}{code}, edition {record.number}, {day}. {record.edition['page']}"


def confidence_of(record: Record) -> str:
    """How sure the authors are, and why."""
    overall = record.get("cerqual", {}).get("overall")
    if overall:
        return f"{overall['level']}: {overall.get('reason', '')}".strip()
    if judged := record.get("assessments"):
        last = judged[-1]
        effect = f"; effect {last['effect']}" if last.get("effect") else ""
        return f"{last['status']} judgement, {last['implementation']}{effect}: {last.get('reason', '')}".strip()
    if record.get("confidence"):
        reason = record.get("confidence_reason") or record.get("short_form", {}).get("sureness", "")
        return f"{record['confidence']}: {reason}".strip()
    return ""


def speaking_against(record: Record) -> Iterator[str]:
    """What the record itself says against it."""
    for name in ("counter_evidence", "risks"):
        yield str(record.get(name, ""))
    for item in record.get("evidence", []):
        if isinstance(item, Mapping) and item.get("relation") in ("qualifies", "contradicts"):
            yield f"{item['finding']} {item['relation']} it: {item.get('note', '')}".strip()
    transfer = record.get("transfer", {})
    if transfer.get("differs"):
        yield f"The NHS differs: {transfer['differs']}"
    if transfer.get("would_change_our_view"):
        yield f"What would change our view: {transfer['would_change_our_view']}"
    for judgement in record.get("judgements", []):
        yield f"{judgement['body']}, {judgement['date']}: {judgement['says']}"


def chain_of(record: Record) -> Chain:
    """A record that came with `include=evidence`, as a chain of claims down to the words of sources."""
    beneath = [Record(each) for each in record.get("included", [])]
    there = [each for each in beneath if "withdrawn_at" not in each]
    works = {each.slug: each for each in there if each.kind == "reference"}
    statements = [each for each in there if each.kind in ("recommendation", "lesson", "finding")]
    relations = relations_between([record, *statements])
    return Chain(
        claim=claim_of(record),
        rests_on=[
            Step.model_validate({**claim_members(each), "relation": "; ".join(relations.get(each.code, []))})
            for each in statements
        ],
        quotations=[found for each in (record, *statements) for found in quotations_of(each, works)],
    )


def relations_between(records: Iterable[Record]) -> dict[str, list[str]]:
    """What each lesson and finding does for the claims above it, by its code."""
    found: dict[str, list[str]] = {}
    for record in records:
        for lesson in record.get("lessons", []):
            found.setdefault(lesson, []).append(f"{record.code or record.slug} rests on it")
        for item in record.get("evidence", []):
            if isinstance(item, Mapping) and "finding" in item:
                words = f"{item['relation']} {record.code}: {item.get('note', '')}".strip(" :")
                found.setdefault(item["finding"], []).append(words)
    return found


def quotations_of(record: Record, works: Mapping[str, Record]) -> Iterator[Quotation]:
    """The places in sources that a record names itself."""
    for source in record.get("sources", []):
        work = works.get(source["ref"])
        if work:
            yield Quotation(
                claim=record.code or record.slug,
                words=source.get("quotation", ""),
                place=source.get("locator", ""),
                read=" ".join(filter(None, (source.get("read_as", ""), source.get("read_extent", "")))),
                source=describe_work(work),
                citation=cite_record(work),
            )


def describe_work(work: Record) -> str:
    """A reference in a line: who, when, what, where."""
    people = [each.get("literal") or each.get("family", "") for each in work.get("author", [])]
    who = " and others".join([people[0], ""]) if len(people) > 3 else ", ".join(people)
    year = next(iter(work.get("issued", {}).get("date-parts", [[""]])[0]), "")
    where = f"https://doi.org/{work['DOI']}" if work.get("DOI") else work.get("URL", "")
    return " ".join(str(each) for each in (who, f"({year})" if year else "", work.title, where) if each)
