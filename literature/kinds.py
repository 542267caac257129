"""The kinds of record of this app: what pages, API, exports, packages and search have to know of them."""

from __future__ import annotations

from failure_lessons.charts.figures import list_profile, register_figures
from failure_lessons.files.word import WORD
from failure_lessons.publishing.registry import Kind, PackageMember, RecordFile, Review, register_kind
from literature.citation_schemas import SOURCE_SCHEMA
from literature.evidence_profile import build_profile
from literature.extracting.tables import CHARACTERISTICS_TABLE
from literature.fields import (
    CSL_DATE_SCHEMA,
    CSL_NAME_SCHEMA,
    FINDING_COLUMNS,
    FINDING_DERIVED,
    FINDING_FIELDS,
    GLOSSARY_FIELDS,
    REFERENCE_COLUMNS,
    REFERENCE_FIELDS,
)
from literature.figures import list_figures_of_review
from literature.filters import FindingFilter, LiteratureReviewFilter, ReferenceFilter
from literature.loaders import load_reference, load_review, load_term
from literature.models import GlossaryTerm, LiteratureReview, Reference, ReviewFinding
from literature.package_checks import check_references, check_reviews
from literature.review_fields import REVIEW_COLUMNS, REVIEW_DERIVED, REVIEW_FIELDS
from literature.stated import finding_statements, review_statements
from literature.studies import list_screened_out

register_kind(
    Kind(
        code="reference",
        rank=30,
        address="references",
        label="Reference",
        label_plural="References",
        description="A bibliographic record: a CSL-JSON 1.0.2 item, with `licence` beside it.",
        fields=REFERENCE_FIELDS,
        columns=REFERENCE_COLUMNS,
        definitions={"csl-name": CSL_NAME_SCHEMA, "csl-date": CSL_DATE_SCHEMA, "source": SOURCE_SCHEMA},
        template="literature/reference.html",
        introduction="Every source that anything here rests on.",
        filters=ReferenceFilter,
        member=PackageMember(
            name="references",
            model=Reference,
            load=load_reference,
            key="id",
            check=check_references,
            told_by=("literature-review", list_screened_out),
        ),
        pointers={"ref": "slug"},
        has_pins=False,
        reader_rank=60,
        search_weight=0.8,
        is_source=True,
        in_chain=True,
        start_here=3,
    )
)
register_kind(
    Kind(
        code="glossary-term",
        rank=40,
        address="glossary",
        label="Glossary term",
        label_plural="Glossary",
        description="A word, and what we mean by it.",
        fields=GLOSSARY_FIELDS,
        template="literature/glossary_term.html",
        introduction="Words our readers may not share, and what we mean by them.",
        member=PackageMember(name="glossary", model=GlossaryTerm, load=load_term),
        reader_rank=70,
        search_weight=1.5,
        schema_type="DefinedTerm",
    )
)
register_kind(
    Kind(
        code="finding",
        rank=50,
        address="findings",
        label="Finding",
        label_plural="Findings",
        description="One thing that a case or a review shows.",
        fields=FINDING_FIELDS,
        derived=FINDING_DERIVED,
        columns=FINDING_COLUMNS,
        template="literature/finding.html",
        statements=finding_statements,
        introduction="What each case study and each review shows, one statement at a time, with its sources.",
        filters=FindingFilter,
        orders=("confidence",),
        pointers={"finding": "code", "findings": "code"},
        reader_rank=50,
        search_weight=1.1,
        in_chain=True,
        in_brief=True,
        map_grade="confidence",
        under_themes=3,
    )
)
register_kind(
    Kind(
        code="literature-review",
        rank=60,
        address="literature",
        api_address="literature-reviews",
        label="Literature review",
        label_plural="Literature reviews",
        description="A literature review. Its PRISMA 2020 flow is computed, never typed.",
        fields=REVIEW_FIELDS,
        derived=REVIEW_DERIVED,
        columns=REVIEW_COLUMNS,
        template="literature/review.html",
        statements=review_statements,
        part_tables=(CHARACTERISTICS_TABLE,),
        review=Review("search_due", "search_again_by", "Run the searches again"),
        introduction="What has been published, how it was searched for, and what it shows.",
        filters=LiteratureReviewFilter,
        member=PackageMember(
            name="literature-reviews",
            model=LiteratureReview,
            load=load_review,
            layout="folder",
            findings=ReviewFinding,
            owner="review",
            check=check_reviews,
        ),
        files=(
            RecordFile(
                name="evidence-profile.docx",
                content_type=WORD,
                build=build_profile,
                suffix="-evidence-profile",
                resolved=True,
                route="evidence-profile",
            ),
        ),
        reader_rank=40,
        search_weight=1.3,
        schema_type="ScholarlyArticle",
        datacite_type="Report",
        is_news=True,
        in_brief=True,
        start_here=2,
    )
)
register_figures("literature-review", list_figures_of_review)
register_figures("finding", list_profile)
