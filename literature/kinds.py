"""The kinds of record of this app, and themes: what pages, API, exports, packages and search have to know of them."""

from __future__ import annotations

from failure_lessons.files.word import WORD
from failure_lessons.library.filters import EditionFilter
from failure_lessons.publishing.registry import Kind, PackageMember, RecordFile, register_kind
from failure_lessons.vocabularies.models import Theme
from literature.evidence_profile import build_profile
from literature.filters import FindingFilter, GlossaryFilter, LiteratureReviewFilter, ReferenceFilter
from literature.loaders import load_reference, load_review, load_term, load_theme
from literature.models import GlossaryTerm, LiteratureReview, Reference, ReviewFinding

register_kind(
    Kind(
        code="theme",
        rank=10,
        address="themes",
        label="Theme",
        label_plural="Themes",
        template="failure_lessons/theme.html",
        introduction="Subjects that run across cases, reviews, lessons and recommendations.",
        filters=EditionFilter,
        member=PackageMember(name="themes", model=Theme, load=load_theme),
        pointers={"themes": "slug"},
        has_pins=False,
        reader_rank=90,
        schema_type="DefinedTerm",
    )
)
register_kind(
    Kind(
        code="reference",
        rank=30,
        address="references",
        label="Reference",
        label_plural="References",
        template="literature/reference.html",
        introduction="Every source that anything here rests on.",
        filters=ReferenceFilter,
        member=PackageMember(name="references", model=Reference, load=load_reference, key="id"),
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
        template="literature/glossary_term.html",
        introduction="Words our readers may not share, and what we mean by them.",
        filters=GlossaryFilter,
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
        template="literature/finding.html",
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
        template="literature/review.html",
        introduction="What has been published, how it was searched for, and what it shows.",
        filters=LiteratureReviewFilter,
        member=PackageMember(
            name="literature-reviews",
            model=LiteratureReview,
            load=load_review,
            layout="folder",
            findings=ReviewFinding,
            owner="review",
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
