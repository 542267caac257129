"""The least valid record of each kind."""

import itertools

from casestudies.models import CaseCitation, CaseFinding, CaseStudy, Event, Section
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference
from recommendations.models import Grounds, Lesson, LessonAssessment, LessonEvidence, Recommendation

numbers = itertools.count(1000)

CONFIDENCE = {
    f"{name}{suffix}": value
    for name in ("methodological_limitations", "coherence", "adequacy", "relevance")
    for suffix, value in (("", "minor-concerns"), ("_reason", "A reason."))
}


def reference(title="A report", **values):
    return Reference.objects.create(slug=f"ref-{next(numbers)}", type="report", title=title, **values)


def theme(**values):
    number = next(numbers)
    return Theme.objects.create(
        **{"slug": f"theme-{number}", "label": f"Theme {number}", "scope_note": "Use.", **values}
    )


def case(title="A case", **values):
    """A case with one section, one event and one finding, all sourced."""
    number = next(numbers)
    case = CaseStudy.objects.create(
        slug=f"case-{number}", title=title, sector="education", start_edtf="1996", failure_types=["quality"], **values
    )
    source = reference()
    Section.objects.create(case=case, name="summary", text="What happened.")
    event = Event.objects.create(case=case, date="1996-10", phase="onset", title="It began")
    CaseCitation.objects.create(event=event, reference=source)
    finding(case, source)
    return case


def finding(case, source, statement="Something was found."):
    number = next(numbers)
    made = CaseFinding.objects.create(
        case=case, code=f"T{number}-F1", slug=f"t{number}-f1", statement=statement, phase="identification"
    )
    CaseCitation.objects.create(finding=made, reference=source)
    return made


def lesson(*findings, **values):
    number = next(numbers)
    made = Lesson.objects.create(
        **{
            "code": f"LT{number}",
            "slug": f"lesson-{number}",
            "title": "A lesson",
            "statement": "We learnt.",
            "phase": "management",
            "transfer_differs": "Much differs.",
            **values,
        }
    )
    for each in findings:
        LessonEvidence.objects.create(lesson=made, case_finding=each, relation="supports")
    LessonAssessment.objects.create(lesson=made, agreed=True, overall="low", **CONFIDENCE)
    return made


def recommendation(*lessons, **values):
    number = next(numbers)
    made = Recommendation.objects.create(
        **{
            "code": f"RT{number}",
            "slug": f"recommendation-{number}",
            "title": "A recommendation",
            "statement": "Boards should act.",
            "rationale": "Because.",
            "audiences": ["regulator"],
            "level": "national",
            "phase": "management",
            "failure_types": ["quality"],
            "owner": "The board",
            "timescale_label": "within a year",
            "measures": ["A count."],
            "risks": "Some.",
            "counter_evidence": "A little.",
            "strength": "conditional",
            "confidence": "low",
            "kind": "process",
            "wording": "should",
            **values,
        }
    )
    for each in lessons:
        Grounds.objects.create(recommendation=made, lesson=each)
    return made
