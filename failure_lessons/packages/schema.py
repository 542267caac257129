"""The JSON Schema (2020-12) of evidence packages, built from the vocabularies so that the two cannot differ.

`make schema` writes it to `failure_lessons/packages/schemas/evidence-package-1.json`; a test fails when that file is stale.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from failure_lessons.vocabularies import choices as v

Schema = dict[str, Any]

SLUG_EXPRESSION = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def package_text(description: str, longest: int = 20_000, *, optional: bool = False) -> Schema:
    """A text; an optional one may be null or empty."""
    return {
        "type": ["string", "null"] if optional else "string",
        "maxLength": longest,
        "description": description,
        **({} if optional else {"minLength": 1}),
    }


def package_code(vocabulary: type[models.TextChoices]) -> Schema:
    """A code of a vocabulary."""
    doc = (vocabulary.__doc__ or "").splitlines()[0]
    return {"enum": v.list_codes(vocabulary), "description": doc}


def package_pattern(expression: str, description: str) -> Schema:
    """A text written in one way only."""
    return {"type": "string", "pattern": expression, "description": description, "maxLength": 200}


def package_list(items: Schema, description: str, least: int = 0) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "description": description, "maxItems": 10_000, "minItems": least}


def package_object(description: str, required: str, /, **properties: Schema) -> Schema:
    """An object with these properties and no others; `required` names some of them."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def package_ref(name: str) -> Schema:
    """Another definition."""
    return {"$ref": f"#/$defs/{name}"}


SLUG_FIELD = package_pattern(SLUG_EXPRESSION, "Part of the address, for ever: lower-case letters, digits and hyphens.")
KEY_FIELD = package_pattern(SLUG_EXPRESSION, "Key of a reference, from references.json.")
LOCATOR_FIELD = package_text("Page, paragraph or section; null when no page is given.", 200, optional=True)
EDTF_FIELD = package_text("A date in EDTF (ISO 8601-2), such as 1996, 2018-08-20, 2001~ or 2016/2019.", 40)
OPTIONAL_EDTF_FIELD = package_text("A date in EDTF, or null.", 40, optional=True)
FINDING_CODE_FIELD = package_pattern(r"^[A-Z]+[0-9]+-F[0-9]+$", "Code of a finding, such as E1-F3.")
TITLE_FIELD = package_text("Title, in sentence case.", 300)
SOURCES_FIELD = package_list(package_ref("source"), "The references a statement rests on.")
THEMES_FIELD = package_list(
    package_pattern(SLUG_EXPRESSION, "Slug of a theme, from themes.json."), "Themes. The order has no meaning."
)
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

CERQUAL_COMPONENT_FIELD = package_object(
    "One GRADE-CERQual component.",
    "level reason",
    level=package_code(v.CerqualLevel),
    reason=package_text("Why this level.", 2000),
)

DEFS: dict[str, Schema] = {
    "manifest": package_object(
        "What the package is.",
        "format version title",
        format={"const": "failure-lessons-evidence", "description": "The name of this format."},
        version={"const": 1, "description": "The version of this format."},
        title=TITLE_FIELD,
        description=package_text("What is in it.", 2000, optional=True),
        prepared=package_text("Day on which it was prepared, EDTF.", 40, optional=True),
        licence=package_text("SPDX name of the licence of its texts.", 100, optional=True),
        notice=package_text("What a reader must know about where it comes from.", 5000, optional=True),
    ),
    "source": package_object(
        "A citation.",
        "ref",
        ref=KEY_FIELD,
        locator=LOCATOR_FIELD,
        quotation=package_text("Word for word, at most forty words.", 500, optional=True),
    ),
    "cerqual": package_object(
        "A GRADE-CERQual assessment: four components and an overall level chosen by a person.",
        "methodological_limitations coherence adequacy relevance overall",
        methodological_limitations=CERQUAL_COMPONENT_FIELD,
        coherence=CERQUAL_COMPONENT_FIELD,
        adequacy=CERQUAL_COMPONENT_FIELD,
        relevance=CERQUAL_COMPONENT_FIELD,
        overall=package_object(
            "Overall confidence.",
            "level",
            level=package_code(v.ConfidenceLevel),
            reason=package_text("Why this level.", 2000, optional=True),
        ),
    ),
    "csl-name": {
        "type": "object",
        "description": "A CSL name: family and given for a person, literal for a body.",
        "properties": {
            name: package_text(f"CSL name part: {name}.", 200)
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
    "finding": package_object(
        "One thing that a case or a review shows.",
        "code statement phase sources",
        code=FINDING_CODE_FIELD,
        statement=package_text("One sentence.", 1000),
        explanation=package_text("What stands behind the sentence.", optional=True),
        relevance_to_nhs=package_text("What it means for the NHS.", optional=True),
        phase=package_code(v.Phase),
        themes=THEMES_FIELD,
        sources=package_list(package_ref("source"), "The references it rests on.", 1),
        cerqual=package_ref("cerqual"),
    ),
    "themes": package_object(
        "A theme.",
        "slug label scope_note",
        slug=SLUG_FIELD,
        label=package_text("In sentence case.", 100),
        scope_note=package_text("What belongs under it, and what belongs elsewhere.", 2000),
    ),
    "references": package_object(
        "A bibliographic record: a CSL-JSON 1.0.2 item, with `licence` beside it.",
        "id type title",
        id=package_pattern(
            SLUG_EXPRESSION, "The key that everything else cites: lower-case letters, digits and hyphens."
        ),
        type=package_code(v.CslType),
        title=package_text("Title of the work.", 500),
        **{name: package_list(package_ref("csl-name"), f"CSL names: {name}.") for name in CSL_NAMES},
        **{name: package_ref("csl-date") for name in CSL_DATES},
        **{name: package_text(f"CSL variable {name}.", 5000, optional=True) for name in CSL_TEXTS},
    ),
    "glossary": package_object(
        "A word, and what we mean by it.",
        "slug term definition",
        slug=SLUG_FIELD,
        term=package_text("The word.", 100),
        definition=package_text("What it means, in plain words.", 2000),
        ref={**KEY_FIELD, "type": ["string", "null"]},
        source_note=package_text("What to know about the source, or why there is none.", 1000, optional=True),
    ),
    "literature-reviews": package_object(
        "A literature review. Its PRISMA 2020 flow is computed, never typed.",
        "slug title question review_type sector findings",
        slug=SLUG_FIELD,
        title=TITLE_FIELD,
        question=package_text("The question it answers.", 2000),
        review_type=package_code(v.ReviewType),
        framework={**package_code(v.Framework), "description": "Framework of the question."},
        framework_elements={
            "type": "object",
            "additionalProperties": package_text("One element of the framework.", 2000),
            "description": "The framework's elements by name, such as setting.",
        },
        sector=package_code(v.Sector),
        search=package_list(
            package_object(
                "One query put to one source.",
                "source query date_run records_found",
                source=package_text("What was searched.", 300),
                platform=package_text("Through what.", 300, optional=True),
                query=package_text("The words of the query.", 5000),
                date_run=EDTF_FIELD,
                records_found={
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 2_000_000_000,
                    "description": "Number of records.",
                },
            ),
            "Searches, in order.",
        ),
        eligibility=package_object(
            "Rules.",
            "",
            include=package_list(package_text("A rule.", 1000), "Include when."),
            exclude=package_list(package_text("A rule.", 1000), "Exclude when."),
        ),
        screening=package_list(
            package_object(
                "A decision on one record at one stage.",
                "ref stage decision reason",
                ref=KEY_FIELD,
                stage=package_code(v.ScreeningStage),
                decision=package_code(v.ScreeningDecision),
                reason=package_text("Why.", 1000),
            ),
            "Screening decisions, in order.",
        ),
        appraisal=package_list(
            package_object(
                "A judgement on one study.",
                "ref tool judgement",
                ref=KEY_FIELD,
                tool=package_code(v.AppraisalTool),
                judgement=package_code(v.AppraisalJudgement),
                note=package_text("Why.", 1000, optional=True),
            ),
            "Appraisals, in order.",
        ),
        synthesis=package_text("What the studies say together.", optional=True),
        findings=package_list(package_ref("finding"), "What the review found."),
    ),
    "case-studies": package_object(
        "A case study.",
        "slug title sector period failure_types summary findings",
        slug=SLUG_FIELD,
        title=TITLE_FIELD,
        sector=package_code(v.Sector),
        organisations=package_list(
            package_object(
                "An organisation.",
                "slug name type",
                slug=SLUG_FIELD,
                name=package_text("Its name.", 200),
                type=package_text("What it is, in plain words.", 100),
                place=package_text("Where it is.", 200, optional=True),
                identifiers=package_object(
                    "Identifiers.",
                    "",
                    urn=package_pattern(r"^[1-9][0-9]{5}$", "Unique reference number of a school: six digits."),
                    ods=package_pattern(
                        r"^[A-Z0-9]{3,10}$", "ODS code of an NHS body: three to ten capitals and digits."
                    ),
                    ror=package_pattern(r"^0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}$", "ROR: nine characters, from 0."),
                ),
            ),
            "Organisations the case is about.",
        ),
        period=package_object("When.", "start", start=EDTF_FIELD, end=OPTIONAL_EDTF_FIELD),
        failure_types=package_list(package_code(v.FailureType), "What failed.", 1),
        summary=package_text("What happened, in one paragraph."),
        context=package_text("Where it happened.", optional=True),
        phases=package_object(
            "The narrative.",
            "",
            **{
                name: package_text(f"Narrative: {name.replace('_', ' ')}.", optional=True)
                for name in ("warning_signs", "identification", "management", "resolution", "outcome")
            },
        ),
        selection_rationale=package_text("Why this case was chosen.", optional=True),
        events=package_list(
            package_object(
                "Something dated.",
                "date phase title sources",
                date=EDTF_FIELD,
                phase=package_code(v.EventPhase),
                title=package_text("What happened.", 200),
                description=package_text("More about it.", optional=True),
                sources=SOURCES_FIELD,
            ),
            "The timeline, in order.",
        ),
        actors=package_list(
            package_object(
                "A body or group.",
                "name role",
                name=package_text("Its name.", 200),
                role=package_code(v.ActorRole),
                part_played=package_text("What it did.", optional=True),
                organisation=package_pattern(SLUG_EXPRESSION, "Slug of one of the organisations."),
            ),
            "Actors, in order.",
        ),
        interventions=package_list(
            package_object(
                "Something done about it.",
                "kind title sources",
                kind=package_code(v.InterventionKind),
                title=package_text("What was done.", 200),
                description=package_text("More about it.", optional=True),
                start=OPTIONAL_EDTF_FIELD,
                end=OPTIONAL_EDTF_FIELD,
                led_by=package_text("By whom.", 200, optional=True),
                effect=package_text("What followed.", optional=True),
                sources=SOURCES_FIELD,
            ),
            "Interventions, in order.",
        ),
        indicators=package_list(
            package_object(
                "A measured quantity.",
                "name unit better values sources",
                name=package_text("Its name.", 200),
                unit=package_text("Its unit.", 100),
                definition=package_text("What is measured.", optional=True),
                better=package_code(v.Better),
                sources=SOURCES_FIELD,
                values=package_list(
                    package_object(
                        "One figure.",
                        "period value",
                        period=package_text("As the source gives it.", 30),
                        value={"type": "number", "minimum": -(10**13), "maximum": 10**13, "description": "The figure."},
                        note=package_text("What to know about it.", optional=True),
                    ),
                    "The series, in order.",
                ),
            ),
            "Indicators, in order.",
        ),
        quotes=package_list(
            package_object(
                "Somebody's very words.",
                "text ref",
                text=package_text("At most forty words.", 500),
                speaker_role=package_text("Who speaks, by role.", 200, optional=True),
                ref=KEY_FIELD,
                locator=LOCATOR_FIELD,
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
                SOURCES_FIELD,
            ),
            "additionalProperties": False,
        },
        findings=package_list(package_ref("finding"), "What the case shows."),
    ),
    "comparison": package_object(
        "A calibrated comparison of cases.",
        "slug title conditions outcome cases",
        slug=SLUG_FIELD,
        title=TITLE_FIELD,
        conditions=package_list(package_ref("condition"), "Conditions, in order.", 1),
        outcome=package_ref("condition"),
        cases=package_list(
            package_object(
                "A case's scores.",
                "case values",
                case=SLUG_FIELD,
                values={
                    "type": "object",
                    "description": "Scores by the key of a condition.",
                    "additionalProperties": package_object(
                        "A score.",
                        "score reason",
                        score={"type": "number", "minimum": 0, "maximum": 1, "description": "One of the anchors."},
                        reason=package_text("Why.", 2000),
                        findings=package_list(FINDING_CODE_FIELD, "What it rests on."),
                    ),
                },
            ),
            "Cases.",
        ),
        notes=package_list(package_text("A caution.", 5000), "Cautions."),
    ),
    "condition": package_object(
        "A condition, or the outcome.",
        "key label definition anchors",
        key=package_pattern(r"^[a-z][a-z0-9_]*$", "Lower case with underscores: it names a column in R."),
        label=package_text("What readers see.", 100),
        definition=package_text("What is judged.", 2000),
        anchors={
            "type": "object",
            "description": "What each score means.",
            "propertyNames": {"pattern": r"^(0|1|0\.[0-9]{1,2})$"},
            "additionalProperties": package_text("The words of the anchor.", 1000),
        },
    ),
    "lessons": package_object(
        "What the NHS can learn.",
        "code slug title statement phase evidence",
        code=package_pattern(r"^[A-Z]+[0-9]+$", "Code of a lesson, such as LS4."),
        slug=SLUG_FIELD,
        title=TITLE_FIELD,
        statement=package_text("In one or two sentences.", 2000),
        explanation=package_text("More about it.", optional=True),
        phase=package_code(v.Phase),
        themes=THEMES_FIELD,
        evidence=package_list(
            package_object(
                "A finding that bears on it.",
                "finding relation",
                finding=FINDING_CODE_FIELD,
                relation=package_code(v.EvidenceRelation),
                note=package_text("How it bears on it.", 2000, optional=True),
            ),
            "Evidence for and against.",
        ),
        transfer=package_object(
            "Transfer to the NHS.",
            "",
            alike=package_text("What is alike.", optional=True),
            differs=package_text("What differs.", optional=True),
            would_change_our_view=package_text("What would make us think again.", optional=True),
        ),
        cerqual=package_ref("cerqual"),
    ),
    "recommendations": package_object(
        "One action for the NHS.",
        "code slug title statement audiences level phase owner timescale lessons strength confidence action_kind wording",
        code=package_pattern(r"^[A-Z]+[0-9]+$", "Code of a recommendation, such as R4."),
        slug=SLUG_FIELD,
        title=TITLE_FIELD,
        statement=package_text("Who should do what.", 2000),
        rationale=package_text("Why.", optional=True),
        actions=package_list(package_text("A step.", 1000), "Steps."),
        audiences=package_list(package_code(v.Audience), "Whom it addresses."),
        level=package_code(v.Level),
        phase=package_code(v.Phase),
        failure_types=package_list(package_code(v.FailureType), "What it is about."),
        owner=package_text("The body or post that must act.", 200),
        timescale=package_object(
            "By when.",
            "label",
            label=package_text("In words.", 200),
            months={"type": ["integer", "null"], "minimum": 0, "maximum": 600, "description": "Months."},
        ),
        measures=package_list(package_text("A measure.", 1000), "How we would know that it worked."),
        resources=package_text("What it costs.", optional=True),
        conditions=package_text("What has to be in place.", optional=True),
        risks=package_text("What may go wrong.", optional=True),
        counter_evidence=package_text("What speaks against it.", optional=True),
        lessons=package_list(package_pattern(r"^[A-Z]+[0-9]+$", "Code of a lesson."), "The lessons it rests on."),
        strength=package_code(v.Strength),
        confidence=package_code(v.ConfidenceLevel),
        action_kind=package_code(v.RecommendationKind),
        wording=package_code(v.Wording),
        relations=package_list(
            package_object(
                "A relation to another recommendation, stated once a pair.",
                "type to",
                type=package_code(v.RelationType),
                to=package_pattern(r"^[A-Z]+[0-9]+$", "Code of the other."),
                note=package_text("How they relate.", 2000, optional=True),
            ),
            "Relations.",
        ),
        departures=package_list(
            package_object(
                "Why the recommendation departs from what good practice asks. In the order of check and words found.",
                "check found reason",
                check=package_code(v.QualityCheck),
                found=package_text("What the check found, with the words it is about.", 500),
                reason=package_text("Why it stays so.", 2000),
            ),
            "Departures from what good practice asks of recommendations, each with its reason.",
        ),
    ),
    "consultation-template": package_object(
        "How a future consultation will be run.",
        "slug title status purpose questions rating_scale",
        slug=SLUG_FIELD,
        title=TITLE_FIELD,
        status=package_text("What has and has not taken place.", 2000),
        purpose=package_text("What for.", 5000),
        stakeholder_groups=package_list(
            package_object(
                "Whom to invite.",
                "sector role",
                sector=package_text("Of which sector.", 30),
                role=package_text("In which role.", 200),
            ),
            "Whom to invite.",
        ),
        questions=package_list(package_text("A question.", 1000), "What to ask."),
        rating_scale=package_text("How to rate.", 5000),
    ),
}

PACKAGE_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Failure Lessons evidence package, version 1",
    "description": "Each member is one file of the package: `<member>.json`, or one file an entry in a folder.",
    "type": "object",
    "properties": {
        "package": package_ref("manifest"),
        **{
            name: package_list(package_ref(name), f"{name}.json")
            for name in ("themes", "references", "glossary", "lessons", "recommendations")
        },
        **{
            name: package_list(package_ref(name), f"{name}/<slug>.json")
            for name in ("literature-reviews", "case-studies")
        },
        **{name: package_ref(name) for name in ("comparison", "consultation-template")},
    },
    "required": ["package"],
    "additionalProperties": False,
    "$defs": DEFS,
}
