"""The kinds of record of this app: what pages, API, exports, packages and search have to know of them."""

from __future__ import annotations

from django.conf import settings

from casestudies.fields import (
    BODY_DERIVED,
    BODY_FIELDS,
    CASE_COLUMNS,
    CASE_DERIVED,
    CASE_FIELDS,
    COMPARISON_FIELDS,
    CONDITION_SCHEMA,
)
from casestudies.figures import list_figures_of_case
from casestudies.filters import CaseStudyFilter
from casestudies.loaders import load_body, load_case, load_comparison, load_links_of_bodies
from casestudies.models import CaseFinding, CaseStudy, Comparison, Organisation
from casestudies.organisation_pages import describe_organisation
from casestudies.package_checks import check_bodies, check_cases, check_comparisons, order_calibration_findings
from casestudies.part_tables import CASE_TABLES, SCORE_TABLE
from casestudies.supports import list_statements
from casestudies.truth_table import build_data, check_analysis
from failure_lessons.charts.figures import register_figures
from failure_lessons.publishing.registry import Kind, PackageMember, RecordFile, register_kind

register_kind(
    Kind(
        code="organisation",
        rank=35,
        address="organisations",
        label="Organisation",
        label_plural="Organisations",
        description="An organisation, or a class of them.",
        fields=BODY_FIELDS,
        derived=BODY_DERIVED,
        template="casestudies/organisation.html",
        beside=describe_organisation,
        introduction="Bodies that the case studies are about, that made recommendations or were asked to act.",
        member=PackageMember(
            name="organisations",
            model=Organisation,
            load=load_body,
            finish=load_links_of_bodies,
            check=check_bodies,
        ),
        pointers={"body": "slug"},
        reader_rank=80,
        schema_type="Organization",
    )
)
register_kind(
    Kind(
        code="case-study",
        rank=70,
        address="case-studies",
        label="Case study",
        label_plural="Case studies",
        description="A case study.",
        fields=CASE_FIELDS,
        derived=CASE_DERIVED,
        columns=CASE_COLUMNS,
        template="casestudies/case_study.html",
        part_tables=CASE_TABLES,
        statements=list_statements,
        introduction="How each failure was seen, managed and resolved."
        if settings.SITE_NOTICE
        else "Six failures in education and criminal justice: how each was seen, managed and resolved.",
        filters=CaseStudyFilter,
        member=PackageMember(
            name="case-studies",
            model=CaseStudy,
            load=load_case,
            layout="folder",
            findings=CaseFinding,
            owner="case",
            check=check_cases,
            neighbours=(Organisation, "organisations"),
        ),
        pointers={"case": "slug"},
        reader_rank=30,
        search_weight=1.3,
        schema_type="Report",
        datacite_type="Report",
        is_news=True,
        in_brief=True,
        under_themes=4,
        start_here=1,
    )
)
register_kind(
    Kind(
        code="comparison",
        rank=80,
        address="comparisons",
        label="Comparison",
        label_plural="Comparisons",
        description="A calibrated comparison of cases.",
        fields=COMPARISON_FIELDS,
        definitions={"condition": CONDITION_SCHEMA},
        template="casestudies/comparison.html",
        member=PackageMember(
            name="comparison",
            model=Comparison,
            load=load_comparison,
            layout="single",
            check=check_comparisons,
            order_sets=order_calibration_findings,
        ),
        files=(
            RecordFile(
                name="data.csv", content_type="text/csv; charset=utf-8", build=build_data, route="comparison-data"
            ),
        ),
        part_tables=(SCORE_TABLE,),
        check_query=check_analysis,
        reader_rank=100,
        schema_type="Dataset",
        datacite_type="Dataset",
        is_news=True,
    )
)
register_figures("case-study", list_figures_of_case)
