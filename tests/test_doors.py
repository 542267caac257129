"""Nobody ever sees a draft: every public door, every kind, every state."""

import pytest
from django.core.management import call_command
from django.db import connection

from casestudies.models import CaseStudy, Comparison, Organisation
from failure_lessons.coding.services import attach_document, code_quotation, quote_words
from failure_lessons.exports.formats import CITING, FORMATS, formats_of
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import submit_record
from failure_lessons.vocabularies.models import Theme
from literature.models import GlossaryTerm, LiteratureReview, Reference, ReviewFinding
from recommendations.models import ConsultationTemplate, Lesson, Recommendation
from tests import factories
from tests.addresses import EXAMPLES, every_example

pytestmark = pytest.mark.django_db

SECRET, OTHER = "zebrafishdraftword", "quaggafishdraftword"
PUBLISHED_WITH_EDITS = {
    Theme: "label", Organisation: "name", Reference: "title", GlossaryTerm: "definition", ReviewFinding: "statement",
    LiteratureReview: "title", CaseStudy: "title", Comparison: "title", Lesson: "statement",
    Recommendation: "statement", ConsultationTemplate: "purpose",
}  # fmt: skip


def doors(tmp_path):
    """Every public address there is: pages, API, search, and the export."""
    yield from ("/", "/about/", "/accessibility/", "/privacy/", "/corrections/", f"/search/?q={SECRET}",
                f"/recommendations/?q={SECRET}", "/api/", "/api/v1/", f"/api/v1/findings/?q={SECRET}",
                "/api/v1/openapi.json", "/api/policy/",
                "/api/v1/search/?q=staff", f"/api/v1/search/?q={SECRET}", f"/api/v1/check/?sha256={'0' * 64}",
                f"/api/v1/editions/{Edition.objects.current().first().sha256}/", "/api/v1/evidence-map/",
                "/api/v1/recommendations/?include=evidence&limit=25&count=exact", "/downloads/", "/api/v1/downloads/",
                "/api/problems/conflict/", "/robots.txt", "/sitemap.xml", "/sitemap/pages.xml",
                "/case-studies/compare/", "/case-studies/compare/?case=hmp-birmingham&case=ridings-school-halifax",
                "/comparisons/six-cases/data.csv", "/comparisons/six-cases/?cutoff=0.7",
                "/evidence-map/", "/evidence-map/?of=recommendation&by=failure-type", "/evidence-map/map.csv",
                "/brief/", "/brief/?r=R4.1&r=LS1.1&r=E1-F3.1&r=case-studies/hmp-birmingham.1",
                "/brief/brief.docx?r=R4.1", "/brief/brief.pdf?r=R4.1")  # fmt: skip
    # files to download need a bundle: test_downloads looks into each of them
    yield from every_example(*(name for name in EXAMPLES if not name.startswith("download-") and name != "download"))
    head = LedgerEntry.objects.head().number
    yield from ("/changes/", f"/changes/?before={head - 200}", "/changes/feed.atom",
                f"/changes/feed.atom?before={head - 200}", f"/recommendations/feed.atom?q={SECRET}",
                "/oai?verb=Identify", "/oai?verb=ListSets",
                "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc")  # fmt: skip
    yield from (f"/api/v1/changes/?limit=100&since={since}" for since in range(0, head, 100))
    for name in ("oai_dc", "oai_datacite"):
        yield from (f"/oai?verb=ListRecords&metadataPrefix={name}&set=kind:{kind}" for kind in KINDS)
    for kind in KINDS.values():
        yield from (
            f"/{kind.address}/",
            f"/{kind.address}/?as_of=2030-01-01",
            f"/{kind.address}/export.json",
            *(
                [f"/{kind.address}/export.skos.{form}" for form in ("jsonld", "ttl", "rdf")]
                if FORMATS["skos"].holds(kind.code)
                else []
            ),
            f"/{kind.address}/feed.atom",
            f"/api/v1/{kind.api_address}/?limit=100",
            f"/sitemap/{kind.address}-1.xml",
        )
        yield from (f"/api/v1/{kind.api_address}/?format={each.name}" for each in formats_of(kind.code))
        for edition in Edition.objects.current().of_kind(kind.code).without_text()[:12]:
            base = f"/{kind.address}/{edition.slug}/"
            yield from (
                base,
                f"{base}?as_of=2030-01-01",
                f"{base}v1/",
                f"{base}history/",
                f"{base}feed.atom",
                f"/api/v1/{kind.api_address}/{edition.slug}/",
                f"/api/v1/{kind.api_address}/{edition.slug}/editions/",
            )
            yield from (f"{base}cite.{FORMATS[name].extension}" for name in CITING)
            yield from (f"{base}linkset.json", f"{base}v1/linkset.json")


def words_of(answer):
    """Everything an answer says, streamed or not."""
    return answer.getvalue().decode("utf-8", "replace").lower()


def hide_the_word():
    """Put the word in drafts, in records under review, and in unpublished edits of every published kind."""
    draft = factories.case(title=f"Draft {SECRET}")
    in_review = factories.case(title=f"Review {SECRET}")
    author = Edition.objects.first().submitted_by
    submit_record(record=in_review, by=author)
    lesson = factories.lesson(draft.findings.get(), title=f"Lesson {SECRET}")
    factories.recommendation(lesson, title=f"Recommendation {SECRET}")
    factories.theme(label=SECRET, scope_note=SECRET)
    factories.reference(title=SECRET)
    for model, field in PUBLISHED_WITH_EDITS.items():
        record = model._default_manager.order_by("pk").first()
        setattr(record, field, f"{SECRET} {model.__name__}")
        record.save()
    CaseStudy.objects.get(slug="hmp-birmingham").sections.update(text=SECRET)
    # a document of a published reference, open and private, quoted and coded with a published theme
    for access in ("open", "private"):
        document = attach_document(
            reference=Reference.objects.get(slug="acc-2021"), name=f"{access} {SECRET}.txt", by=author, access=access,
            data=f"{access}: the {SECRET} ran.".encode(), licence="OGL v3.0", note=SECRET,
        )  # fmt: skip
        quotation = quote_words(document=document, words=f"the {SECRET} ran", by=author, note=SECRET)
        code_quotation(quotation=quotation, themes=Theme.objects.filter(state="published")[:1], by=author)
    return draft, in_review, lesson


def test_no_door_shows_a_draft_word(client, tmp_path):
    records = hide_the_word()
    for address in doors(tmp_path):
        page = client.get(address)
        assert page.status_code == 200, address
        text = words_of(page)
        if SECRET in address:  # a search echoes its question: it must say no more than for a word nobody ever wrote
            assert text.replace(SECRET, OTHER) == words_of(client.get(address.replace(SECRET, OTHER))), address
        else:
            assert SECRET not in text, address
    for record in records:
        for address in (
            f"/case-studies/{record.slug}/",
            f"/lessons/{record.slug}/",
            f"/api/v1/case-studies/{record.slug}/",
        ):
            assert client.get(address).status_code == 404
    call_command("export_evidence", str(tmp_path / "out"), verbosity=0)
    for path in (tmp_path / "out").rglob("*.json"):
        assert SECRET not in path.read_text().lower()


def test_every_door_opens_for_a_role_that_may_read_the_library_alone(client, tmp_path):
    """The database itself proves that public doors read editions and nothing else."""
    addresses = list(doors(tmp_path))
    with connection.cursor() as cursor:
        cursor.execute("create role library_reader")
        cursor.execute("grant usage on schema public to library_reader")
        cursor.execute(
            "grant select on publishing_edition, publishing_editioncitation, publishing_ledgerentry to library_reader"
        )
        cursor.execute("set local role library_reader")
        try:
            for address in addresses:
                answer = client.get(address)
                assert answer.status_code == 200, address
                assert not answer.streaming or b"".join(answer.streaming_content), address
        finally:
            cursor.execute("reset role")
