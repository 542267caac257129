"""The JSON Schema (2020-12) of evidence packages, built from the vocabularies so that the two cannot differ.

`make schema` writes it to `failure_lessons/packages/schemas/evidence-package-1.json`; a test fails when that file is stale.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from failure_lessons.vocabularies import choices as v

Schema = dict[str, Any]

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def text(description: str, longest: int = 20_000, *, optional: bool = False) -> Schema:
    """A text; an optional one may be null or empty."""
    return {
        "type": ["string", "null"] if optional else "string",
        "maxLength": longest,
        "description": description,
        **({} if optional else {"minLength": 1}),
    }


def code(vocabulary: type[models.TextChoices]) -> Schema:
    """A code of a vocabulary."""
    doc = (vocabulary.__doc__ or "").splitlines()[0]
    return {"enum": v.listed(vocabulary), "description": doc}


def pattern(expression: str, description: str) -> Schema:
    """A text written in one way only."""
    return {"type": "string", "pattern": expression, "description": description, "maxLength": 200}


def many(items: Schema, description: str, least: int = 0) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "description": description, "maxItems": 10_000, "minItems": least}


def thing(description: str, required: str, /, **properties: Schema) -> Schema:
    """An object with these properties and no others; `required` names some of them."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    """Another definition."""
    return {"$ref": f"#/$defs/{name}"}


slug = pattern(SLUG, "Part of the address, for ever: lower-case letters, digits and hyphens.")
key = pattern(SLUG, "Key of a reference, from references.json.")
locator = text("Page, paragraph or section; null when no page is given.", 200, optional=True)
edtf = text("A date in EDTF (ISO 8601-2), such as 1996, 2018-08-20, 2001~ or 2016/2019.", 40)
optional_edtf = text("A date in EDTF, or null.", 40, optional=True)
finding_code = pattern(r"^[A-Z]+[0-9]+-F[0-9]+$", "Code of a finding, such as E1-F3.")
title = text("Title, in sentence case.", 300)
sources = many(ref("source"), "The references a statement rests on.")
themes = many(pattern(SLUG, "Slug of a theme, from themes.json."), "Themes. The order has no meaning.")
CSL_TEXTS = (
    "container-title",
    "collection-title",
    "publisher",
    "publisher-place",
    "volume",
    "issue",
    "page",
    "number",
    "edition",
    "genre",
    "medium",
    "event-title",
    "event-place",
    "authority",
    "jurisdiction",
    "section",
    "version",
    "archive",
    "language",
    "abstract",
    "note",
    "DOI",
    "ISBN",
    "ISSN",
    "PMID",
    "PMCID",
    "URL",
    "licence",
    "title-short",
    "chapter-number",
)
CSL_NAMES = ("author", "editor", "translator", "container-author", "interviewer", "chair", "contributor")
CSL_DATES = ("issued", "accessed", "event-date", "original-date", "submitted")

component = thing(
    "One GRADE-CERQual component.", "level reason", level=code(v.CerqualLevel), reason=text("Why this level.", 2000)
)

DEFS: dict[str, Schema] = {
    "manifest": thing(
        "What the package is.",
        "format version title",
        format={"const": "failure-lessons-evidence", "description": "The name of this format."},
        version={"const": 1, "description": "The version of this format."},
        title=title,
        description=text("What is in it.", 2000, optional=True),
        prepared=text("Day on which it was prepared, EDTF.", 40, optional=True),
        licence=text("SPDX name of the licence of its texts.", 100, optional=True),
        notice=text("What a reader must know about where it comes from.", 5000, optional=True),
    ),
    "source": thing(
        "A citation.",
        "ref",
        ref=key,
        locator=locator,
        quotation=text("Word for word, at most forty words.", 500, optional=True),
    ),
    "cerqual": thing(
        "A GRADE-CERQual assessment: four components and an overall level chosen by a person.",
        "methodological_limitations coherence adequacy relevance overall",
        methodological_limitations=component,
        coherence=component,
        adequacy=component,
        relevance=component,
        overall=thing(
            "Overall confidence.",
            "level",
            level=code(v.ConfidenceLevel),
            reason=text("Why this level.", 2000, optional=True),
        ),
    ),
    "csl-name": {
        "type": "object",
        "description": "A CSL name: family and given for a person, literal for a body.",
        "properties": {
            name: text(f"CSL name part: {name}.", 200)
            for name in ("family", "given", "literal", "suffix", "dropping-particle", "non-dropping-particle")
        },
        "anyOf": [{"required": ["family"]}, {"required": ["literal"]}],
        "additionalProperties": False,
    },
    "csl-date": {
        "type": "object",
        "description": 'A CSL date: {"date-parts": [[2018, 8, 20]]}; two lists for a range; "circa" when uncertain.',
        "properties": {
            "date-parts": {
                "type": "array",
                "minItems": 1,
                "maxItems": 2,
                "items": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
            },
            "circa": {"type": "boolean"},
            "season": {"type": "integer", "minimum": 1, "maximum": 4},
        },
        "required": ["date-parts"],
        "additionalProperties": False,
    },
    "finding": thing(
        "One thing that a case or a review shows.",
        "code statement phase sources",
        code=finding_code,
        statement=text("One sentence.", 1000),
        explanation=text("What stands behind the sentence.", optional=True),
        relevance_to_nhs=text("What it means for the NHS.", optional=True),
        phase=code(v.Phase),
        themes=themes,
        sources=many(ref("source"), "The references it rests on.", 1),
        cerqual=ref("cerqual"),
    ),
    "themes": thing(
        "A theme.",
        "slug label scope_note",
        slug=slug,
        label=text("In sentence case.", 100),
        scope_note=text("What belongs under it, and what belongs elsewhere.", 2000),
    ),
    "references": thing(
        "A bibliographic record: a CSL-JSON 1.0.2 item, with `licence` beside it.",
        "id type title",
        id=pattern(SLUG, "The key that everything else cites: lower-case letters, digits and hyphens."),
        type=code(v.CslType),
        title=text("Title of the work.", 500),
        **{name: many(ref("csl-name"), f"CSL names: {name}.") for name in CSL_NAMES},
        **{name: ref("csl-date") for name in CSL_DATES},
        **{name: text(f"CSL variable {name}.", 5000, optional=True) for name in CSL_TEXTS},
    ),
    "glossary": thing(
        "A word, and what we mean by it.",
        "slug term definition",
        slug=slug,
        term=text("The word.", 100),
        definition=text("What it means, in plain words.", 2000),
        ref={**key, "type": ["string", "null"]},
        source_note=text("What to know about the source, or why there is none.", 1000, optional=True),
    ),
    "literature-reviews": thing(
        "A literature review. Its PRISMA 2020 flow is computed, never typed.",
        "slug title question review_type sector findings",
        slug=slug,
        title=title,
        question=text("The question it answers.", 2000),
        review_type=code(v.ReviewType),
        framework={**code(v.Framework), "description": "Framework of the question."},
        framework_elements={
            "type": "object",
            "additionalProperties": text("One element of the framework.", 2000),
            "description": "The framework's elements by name, such as setting.",
        },
        sector=code(v.Sector),
        search=many(
            thing(
                "One query put to one source.",
                "source query date_run records_found",
                source=text("What was searched.", 300),
                platform=text("Through what.", 300, optional=True),
                query=text("The words of the query.", 5000),
                date_run=edtf,
                records_found={
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 2_000_000_000,
                    "description": "Number of records.",
                },
            ),
            "Searches, in order.",
        ),
        eligibility=thing(
            "Rules.",
            "",
            include=many(text("A rule.", 1000), "Include when."),
            exclude=many(text("A rule.", 1000), "Exclude when."),
        ),
        screening=many(
            thing(
                "A decision on one record at one stage.",
                "ref stage decision reason",
                ref=key,
                stage=code(v.ScreeningStage),
                decision=code(v.ScreeningDecision),
                reason=text("Why.", 1000),
            ),
            "Screening decisions, in order.",
        ),
        appraisal=many(
            thing(
                "A judgement on one study.",
                "ref tool judgement",
                ref=key,
                tool=code(v.AppraisalTool),
                judgement=code(v.AppraisalJudgement),
                note=text("Why.", 1000, optional=True),
            ),
            "Appraisals, in order.",
        ),
        synthesis=text("What the studies say together.", optional=True),
        findings=many(ref("finding"), "What the review found."),
    ),
    "case-studies": thing(
        "A case study.",
        "slug title sector period failure_types summary findings",
        slug=slug,
        title=title,
        sector=code(v.Sector),
        organisations=many(
            thing(
                "An organisation.",
                "slug name type",
                slug=slug,
                name=text("Its name.", 200),
                type=text("What it is, in plain words.", 100),
                place=text("Where it is.", 200, optional=True),
                identifiers=thing(
                    "Identifiers.",
                    "",
                    urn=pattern(r"^[1-9][0-9]{5}$", "Unique reference number of a school: six digits."),
                    ods=pattern(r"^[A-Z0-9]{3,10}$", "ODS code of an NHS body: three to ten capitals and digits."),
                    ror=pattern(r"^0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}$", "ROR: nine characters, from 0."),
                ),
            ),
            "Organisations the case is about.",
        ),
        period=thing("When.", "start", start=edtf, end=optional_edtf),
        failure_types=many(code(v.FailureType), "What failed.", 1),
        summary=text("What happened, in one paragraph."),
        context=text("Where it happened.", optional=True),
        phases=thing(
            "The narrative.",
            "",
            **{
                name: text(f"Narrative: {name.replace('_', ' ')}.", optional=True)
                for name in ("warning_signs", "identification", "management", "resolution", "outcome")
            },
        ),
        selection_rationale=text("Why this case was chosen.", optional=True),
        events=many(
            thing(
                "Something dated.",
                "date phase title sources",
                date=edtf,
                phase=code(v.EventPhase),
                title=text("What happened.", 200),
                description=text("More about it.", optional=True),
                sources=sources,
            ),
            "The timeline, in order.",
        ),
        actors=many(
            thing(
                "A body or group.",
                "name role",
                name=text("Its name.", 200),
                role=code(v.ActorRole),
                part_played=text("What it did.", optional=True),
                organisation=pattern(SLUG, "Slug of one of the organisations."),
            ),
            "Actors, in order.",
        ),
        interventions=many(
            thing(
                "Something done about it.",
                "kind title sources",
                kind=code(v.InterventionKind),
                title=text("What was done.", 200),
                description=text("More about it.", optional=True),
                start=optional_edtf,
                end=optional_edtf,
                led_by=text("By whom.", 200, optional=True),
                effect=text("What followed.", optional=True),
                sources=sources,
            ),
            "Interventions, in order.",
        ),
        indicators=many(
            thing(
                "A measured quantity.",
                "name unit better values sources",
                name=text("Its name.", 200),
                unit=text("Its unit.", 100),
                definition=text("What is measured.", optional=True),
                better=code(v.Better),
                sources=sources,
                values=many(
                    thing(
                        "One figure.",
                        "period value",
                        period=text("As the source gives it.", 30),
                        value={"type": "number", "minimum": -(10**13), "maximum": 10**13, "description": "The figure."},
                        note=text("What to know about it.", optional=True),
                    ),
                    "The series, in order.",
                ),
            ),
            "Indicators, in order.",
        ),
        quotes=many(
            thing(
                "Somebody's very words.",
                "text ref",
                text=text("At most forty words.", 500),
                speaker_role=text("Who speaks, by role.", 200, optional=True),
                ref=key,
                locator=locator,
            ),
            "Quotations.",
        ),
        text_sources={
            "type": "object",
            "description": "The sources behind each narrative.",
            "properties": dict.fromkeys(
                (
                    "summary",
                    "context",
                    "warning_signs",
                    "identification",
                    "management",
                    "resolution",
                    "outcome",
                    "selection_rationale",
                ),
                sources,
            ),
            "additionalProperties": False,
        },
        findings=many(ref("finding"), "What the case shows."),
    ),
    "comparison": thing(
        "A calibrated comparison of cases.",
        "slug title conditions outcome cases",
        slug=slug,
        title=title,
        conditions=many(ref("condition"), "Conditions, in order.", 1),
        outcome=ref("condition"),
        cases=many(
            thing(
                "A case's scores.",
                "case values",
                case=slug,
                values={
                    "type": "object",
                    "description": "Scores by the key of a condition.",
                    "additionalProperties": thing(
                        "A score.",
                        "score reason",
                        score={"type": "number", "minimum": 0, "maximum": 1, "description": "One of the anchors."},
                        reason=text("Why.", 2000),
                        findings=many(finding_code, "What it rests on."),
                    ),
                },
            ),
            "Cases.",
        ),
        notes=many(text("A caution.", 5000), "Cautions."),
    ),
    "condition": thing(
        "A condition, or the outcome.",
        "key label definition anchors",
        key=pattern(r"^[a-z][a-z0-9_]*$", "Lower case with underscores: it names a column in R."),
        label=text("What readers see.", 100),
        definition=text("What is judged.", 2000),
        anchors={
            "type": "object",
            "description": "What each score means.",
            "propertyNames": {"pattern": r"^(0|1|0\.[0-9]{1,2})$"},
            "additionalProperties": text("The words of the anchor.", 1000),
        },
    ),
    "lessons": thing(
        "What the NHS can learn.",
        "code slug title statement phase evidence",
        code=pattern(r"^[A-Z]+[0-9]+$", "Code of a lesson, such as LS4."),
        slug=slug,
        title=title,
        statement=text("In one or two sentences.", 2000),
        explanation=text("More about it.", optional=True),
        phase=code(v.Phase),
        themes=themes,
        evidence=many(
            thing(
                "A finding that bears on it.",
                "finding relation",
                finding=finding_code,
                relation=code(v.EvidenceRelation),
                note=text("How it bears on it.", 2000, optional=True),
            ),
            "Evidence for and against.",
        ),
        transfer=thing(
            "Transfer to the NHS.",
            "",
            alike=text("What is alike.", optional=True),
            differs=text("What differs.", optional=True),
            would_change_our_view=text("What would make us think again.", optional=True),
        ),
        cerqual=ref("cerqual"),
    ),
    "recommendations": thing(
        "One action for the NHS.",
        "code slug title statement audiences level phase owner timescale lessons strength confidence action_kind wording",
        code=pattern(r"^[A-Z]+[0-9]+$", "Code of a recommendation, such as R4."),
        slug=slug,
        title=title,
        statement=text("Who should do what.", 2000),
        rationale=text("Why.", optional=True),
        actions=many(text("A step.", 1000), "Steps."),
        audiences=many(code(v.Audience), "Whom it addresses."),
        level=code(v.Level),
        phase=code(v.Phase),
        failure_types=many(code(v.FailureType), "What it is about."),
        owner=text("The body or post that must act.", 200),
        timescale=thing(
            "By when.",
            "label",
            label=text("In words.", 200),
            months={"type": ["integer", "null"], "minimum": 0, "maximum": 600, "description": "Months."},
        ),
        measures=many(text("A measure.", 1000), "How we would know that it worked."),
        resources=text("What it costs.", optional=True),
        conditions=text("What has to be in place.", optional=True),
        risks=text("What may go wrong.", optional=True),
        counter_evidence=text("What speaks against it.", optional=True),
        lessons=many(pattern(r"^[A-Z]+[0-9]+$", "Code of a lesson."), "The lessons it rests on."),
        strength=code(v.Strength),
        confidence=code(v.ConfidenceLevel),
        action_kind=code(v.RecommendationKind),
        wording=code(v.Wording),
        relations=many(
            thing(
                "A relation to another recommendation, stated once a pair.",
                "type to",
                type=code(v.RelationType),
                to=pattern(r"^[A-Z]+[0-9]+$", "Code of the other."),
                note=text("How they relate.", 2000, optional=True),
            ),
            "Relations.",
        ),
        departures=many(
            thing(
                "Why the recommendation departs from what good practice asks. In the order of check and words found.",
                "check found reason",
                check=code(v.QualityCheck),
                found=text("What the check found, with the words it is about.", 500),
                reason=text("Why it stays so.", 2000),
            ),
            "Departures from what good practice asks of recommendations, each with its reason.",
        ),
    ),
    "consultation-template": thing(
        "How a future consultation will be run.",
        "slug title status purpose questions rating_scale",
        slug=slug,
        title=title,
        status=text("What has and has not taken place.", 2000),
        purpose=text("What for.", 5000),
        stakeholder_groups=many(
            thing(
                "Whom to invite.", "sector role", sector=text("Of which sector.", 30), role=text("In which role.", 200)
            ),
            "Whom to invite.",
        ),
        questions=many(text("A question.", 1000), "What to ask."),
        rating_scale=text("How to rate.", 5000),
    ),
}

SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Failure Lessons evidence package, version 1",
    "description": "Each member is one file of the package: `<member>.json`, or one file an entry in a folder.",
    "type": "object",
    "properties": {
        "package": ref("manifest"),
        **{
            name: many(ref(name), f"{name}.json")
            for name in ("themes", "references", "glossary", "lessons", "recommendations")
        },
        **{name: many(ref(name), f"{name}/<slug>.json") for name in ("literature-reviews", "case-studies")},
        **{name: ref(name) for name in ("comparison", "consultation-template")},
    },
    "required": ["package"],
    "additionalProperties": False,
    "$defs": DEFS,
}
