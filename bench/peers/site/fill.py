"""`python -m bench.peers.site.fill SOURCE`: copy what is not there yet from the synthetic database; says how many there are."""

import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command
from django.db import connection, models, transaction
from wagtail.models import Page, Site
from wagtail.search.backends import get_search_backend

from bench.peers.site.models import MEMBERS, Evidence, Recommendation, RecommendationPage, Term
from bench.peers.source import read_evidence, read_recommendations

ALIKE = ("edition", "sort_key", "code", "slug", "title", *MEMBERS)
SEVERAL = {"audience": "audiences", "failure-type": "failure_types"}


def add_recommendations(part: list[dict[str, Any]], source: str) -> None:
    """Rows of the stock models."""
    made = Recommendation.objects.bulk_create(Recommendation(**{name: row[name] for name in ALIKE}) for row in part)
    keys = {row.edition: row.pk for row in made}
    wanted = {(name, code) for row in part for name, member in SEVERAL.items() for code in row[member]}
    Term.objects.bulk_create([Term(name=name, code=code) for name, code in sorted(wanted)], ignore_conflicts=True)
    terms = {(term.name, term.code): term.pk for term in Term.objects.all()}
    Through = Recommendation.terms.through  # noqa: N806  # a model
    Through.objects.bulk_create(
        Through(recommendation_id=keys[row["edition"]], term_id=terms[name, code])
        for row in part
        for name, member in SEVERAL.items()
        for code in row[member]
    )
    evidence = read_evidence(source, [*keys])
    Evidence.objects.bulk_create(
        Evidence(**row | {"recommendation_id": keys[row["recommendation_id"]]}) for row in evidence
    )


def add_pages(part: list[dict[str, Any]], home: Page) -> None:
    """Live pages beneath the first page, with their entries in the index of words. Wagtail adds them one by one."""
    pages = []
    for number, row in enumerate(part, start=home.numchild + 1):
        page = RecommendationPage(**{name: row[name] for name in (*ALIKE, *SEVERAL.values())})
        page.path, page.depth, page.numchild = Page._get_path(home.path, home.depth + 1, number), home.depth + 1, 0
        page.url_path, page.draft_title = f"{home.url_path}{page.slug}/", page.title
        page.locale, page.content_type = home.locale, page.cached_content_type
        pages.append(page)
    parents = [
        Page(**{each.attname: getattr(page, each.attname) for each in Page._meta.concrete_fields}) for page in pages
    ]
    for page, parent in zip(pages, Page.objects.bulk_create(parents), strict=True):
        page.pk = page.id = parent.pk
    # the rows of their own table: `bulk_create` refuses models that have a parent
    RecommendationPage._base_manager._insert(
        pages, fields=RecommendationPage._meta.local_concrete_fields, using="default"
    )
    home.numchild += len(pages)
    Page.objects.filter(pk=home.pk).update(numchild=home.numchild)
    get_search_backend().get_index_for_model(RecommendationPage).add_items(RecommendationPage, pages)


def main(source: str) -> None:
    """Make the tables where they are missing, and fill them part by part."""
    call_command("migrate", verbosity=0)
    newest = Recommendation.objects.aggregate(models.Max("edition"))["edition__max"] or 0
    home = Site.objects.get(is_default_site=True).root_page
    for part in read_recommendations(source, newest):
        with transaction.atomic():
            add_recommendations(part, source)
            add_pages(part, home)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    print(min(Recommendation.objects.count(), RecommendationPage.objects.live().count()))


if __name__ == "__main__":
    main(sys.argv[1])
