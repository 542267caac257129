"""Every public address, fetched once in a run while drafts hold a word that nobody may ever see.

The fixture `crawl` hands the answers to whatever looks at answers: links, HTML, leaks, cost, weight. They were read as a
database role that may read the library and nothing else, so no answer can come from the workbench.
"""

import io
import logging
import zipfile
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.cookies import SimpleCookie
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import format_exception_only

import lxml.html
import pytest
from django.core.management import call_command
from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve
from django.utils import timezone
from pypdf import PdfReader

from casestudies.models import CaseStudy, Comparison, Organisation
from failure_lessons.coding.services import attach_document, code_quotation, quote_words
from failure_lessons.exports.formats import CITING, FORMATS, formats_of
from failure_lessons.library.term_bitmaps import read_term_bitmaps
from failure_lessons.operations.roles import LIBRARY_TABLES
from failure_lessons.problems import PROBLEM_KINDS
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import submit_record
from failure_lessons.vocabularies.models import Theme
from failure_lessons.workbench.models import Comment
from literature.models import GlossaryTerm, LiteratureReview, Reference, ReviewFinding
from recommendations.models import ConsultationTemplate, Lesson, Recommendation, Situation
from tests import factories
from tests.addresses import EXAMPLES, every_example
from tests.examples import is_trial, some_of
from tests.recommendations.consultations.world import rounds_with_drafts

SECRET, OTHER = "zebrafishdraftword", "quaggafishdraftword"
EDITED = {
    Theme: "label",
    Organisation: "name",
    Reference: "title",
    GlossaryTerm: "definition",
    ReviewFinding: "statement",
    LiteratureReview: "title",
    CaseStudy: "title",
    Comparison: "title",
    Lesson: "statement",
    Recommendation: "statement",
    Situation: "answer",
    ConsultationTemplate: "purpose",
}
HTML = "text/html"
NAMED_BY_OTHERS = ("organisation", "theme", "glossary-term", "reference", "source-recommendation", "follow-up")
PAGES_OF_NAMED = 15
MOST_ALIKE = 3  # pages of one sort that are fetched because pages lead there; all of them in long trials


@dataclass
class Answer:
    """What came back from one address. `fault` says what was raised in place of an answer."""

    address: str
    found_on: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    body: bytes = b""
    queries: int = 0
    fault: str = ""

    @property
    def is_page(self):
        return self.status == 200 and self.headers.get("Content-Type", "").startswith(HTML)

    @property
    def view(self):
        """The name of the pattern that the address fits."""
        return resolve(self.address.partition("?")[0]).url_name

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @cached_property
    def words(self):
        """Every word of the answer in lower case."""
        return self.as_written.lower()

    @cached_property
    def as_written(self):
        """Every word of the answer, those packed in archives and PDF files too."""
        if self.body.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(self.body)) as archive:
                return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
        if self.body.startswith(b"%PDF"):
            return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(self.body)).pages)
        return self.text

    @cached_property
    def tree(self):
        return lxml.html.fromstring(self.text)  # html5lib, which is strict, takes 40 times as long

    @property
    def links(self):
        """Where its main part leads within the site."""
        targets = (link.get("href").partition("#")[0] for link in self.tree.iterfind(".//main//a[@href]"))
        return [target for target in targets if target.startswith("/")]


@dataclass(repr=False)
class Crawl:
    """The answers by address; what the addresses answered that drafts would have; the files of an export by name."""

    answers: dict[str, Answer]
    hidden: list[Answer]
    exported: dict[str, str]

    @property
    def pages(self):
        return [answer for answer in self.answers.values() if answer.is_page]

    @property
    def one_page_of_each_sort(self):
        """The starting points that are pages: lists, standing pages, and two records of each kind."""
        return [answer for answer in self.pages if not answer.found_on]


def crawl_site():
    """Fetch everything, in a transaction that is rolled back."""
    logging.disable(logging.WARNING)  # that a draft is not found is as it should be
    with transaction.atomic():
        rounds_with_drafts(SECRET)  # the shipped evidence has no round: no consultation has been held
        drafts = hide_word()
        exported = export_all()
        addresses = [*standing_addresses(), *(each for kind in KINDS.values() for each in addresses_of(kind))]
        # files to download need a bundle: test_downloads looks into each of them
        addresses += every_example(*(name for name in EXAMPLES if not name.startswith("download")))
        pages = [*record_pages()]
        read_term_bitmaps()  # as a worker does while it starts (deploy/gunicorn.conf.py)
        with reading_role():
            client = Client()
            answers = fetch_all(client, addresses, pages)
            hidden = [fetch(client, address) for address in addresses_of_drafts(drafts)]
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)
    return Crawl(answers, hidden, exported)


def standing_addresses():
    """Addresses of no kind of record."""
    yield from (
        "/",
        "/about/",
        "/accessibility/",
        "/privacy/",
        "/corrections/",
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap/pages.xml",
        "/healthz",
        "/readyz",
        "/search/",
        "/search/?q=staff",
        "/search/?q=zzzz",
        "/recommendations/?phase=prevention",
        "/downloads/",
        "/evidence-map/",
        "/evidence-map/?of=recommendation&by=failure-type",
        "/evidence-map/map.csv",
        "/case-studies/compare/",
        "/case-studies/compare/?case=hmp-birmingham&case=ridings-school-halifax",
        "/comparisons/six-cases/?cutoff=0.7",
        "/brief/",
        "/brief/?r=R4.1&r=LS1.1&r=E1-F3.1&r=case-studies/hmp-birmingham.1",
        "/brief/brief.docx?r=R4.1",
        "/brief/brief.pdf?r=R4.1",
        "/api/",
        "/api/v1/",
        "/api/policy/",
        "/api/v1/openapi.json",
        "/api/v1/search/?q=staff",
        f"/api/v1/check/?sha256={'0' * 64}",
        f"/api/v1/editions/{Edition.objects.current().first().sha256}/",
        "/api/v1/evidence-map/",
        "/api/v1/downloads/",
        "/api/v1/recommendations/?include=evidence&limit=25&count=exact",
        "/oai?verb=Identify",
        "/oai?verb=ListSets",
        "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
    )
    yield from (f"/api/problems/{code}/" for code in PROBLEM_KINDS)
    for word in (SECRET, OTHER):  # a search echoes its question, and says no more than for a word nobody ever wrote
        yield from (
            f"/search/?q={word}",
            f"/recommendations/?q={word}",
            f"/recommendations/feed.atom?q={word}",
            f"/api/v1/findings/?q={word}",
            f"/api/v1/search/?q={word}",
            f"/follow/?of=%2Fsearch%2F%3Fq%3D{word}",
            f"/follow/?of=%2Frecommendations%2F%3Fq%3D{word}",
        )
    head = LedgerEntry.objects.head().number
    yield from ("/changes/", f"/changes/?before={head - 200}")
    yield from ("/changes/feed.atom", f"/changes/feed.atom?before={head - 200}")
    yield from (f"/api/v1/changes/?limit=100&since={since}" for since in range(0, head, 100))


def addresses_of(kind):
    """Addresses of one kind, and of two of its records: one that is edited just now, and the newest."""
    api = f"/api/v1/{kind.api_address}/"
    yield from (
        f"/{kind.address}/",
        f"/{kind.address}/?as_of=2030-01-01",
        f"/{kind.address}/feed.atom",
        f"/sitemap/{kind.address}-1.xml",
        f"{api}?limit=100",
    )
    for each in formats_of(kind.code):
        yield from (f"/{kind.address}/export.{each.extension}", f"{api}?format={each.name}")
    yield from (
        f"/oai?verb=ListRecords&metadataPrefix={name}&set=kind:{kind.code}" for name in ("oai_dc", "oai_datacite")
    )
    editions = Edition.objects.current().of_kind(kind.code).without_text()
    edited = {record.slug for model in EDITED for record in model._default_manager.order_by("pk")[:1]}
    chosen = {each.slug for each in (*editions.filter(slug__in=edited), *editions.order_by("-revision")[:1])}
    for slug in sorted(chosen):
        base, record = f"/{kind.address}/{slug}/", f"{api}{slug}/"
        yield from (
            base,
            f"{base}?as_of=2030-01-01",
            f"{base}v1/",
            f"{base}history/",
            f"{base}compare/1..1/",
            f"{base}feed.atom",
            f"{base}linkset.json",
            f"{base}v1/linkset.json",
            record,
            f"{record}editions/",
            f"{record}editions/1/",
        )
        for name in CITING:
            yield from (f"{base}{tail}cite.{FORMATS[name].extension}" for tail in ("", "v1/"))
        if kind.code == "comparison":
            yield from (f"{base}data.csv", f"{base}v1/data.csv")
        if kind.code == "literature-review":
            yield from (f"{base}evidence-profile.docx", f"{base}v1/evidence-profile.docx")


def record_pages():
    """The page of every record that states something; of what is named or told by others, a part, and all in trials."""
    for kind in KINDS.values():
        editions = Edition.objects.current().of_kind(kind.code).without_text().order_by("sort_key", "pk")
        chosen = some_of(editions, PAGES_OF_NAMED) if kind.code in NAMED_BY_OTHERS else editions
        yield from (f"/{kind.address}/{edition.slug}/" for edition in chosen)


def addresses_of_drafts(drafts):
    """Where drafts would be if they were published."""
    for code, record in drafts:
        base = f"/{KINDS[code].address}/{record.slug}/"
        yield from (base, f"{base}v1/", f"{base}history/", f"{base}feed.atom", f"{base}linkset.json", f"{base}cite.ris")
        yield f"/api/v1/{KINDS[code].api_address}/{record.slug}/"


def export_all():
    """What the export of the library writes, by file."""
    with TemporaryDirectory() as folder:
        call_command("export_evidence", f"{folder}/out", verbosity=0)
        return {path.name: path.read_text().lower() for path in Path(folder).rglob("*.json")}


def fetch_all(client, addresses, more, most_alike=MOST_ALIKE):
    """Fetch these, and `more`, and wherever the pages among the first lead; not all of it again as of another day."""
    answers, alike, todo = {}, Counter(), deque((address, "") for address in addresses)
    todo.extend((address, "the library") for address in more)
    while todo:
        address, found_on = todo.popleft()
        if address in answers or (found_on.startswith("/") and not is_wanted(address, alike, most_alike)):
            continue
        answers[address] = answer = fetch(client, address, found_on)
        if answer.is_page and not found_on and "as_of=" not in address:
            todo.extend((target, address) for target in answer.links)
    return answers


def is_wanted(address, alike, most):
    """Whether too few of its sort were fetched so far: of one pattern below one first folder."""
    try:
        sort = (resolve(address.partition("?")[0]).url_name, address.split("/")[1])
    except Resolver404:
        return True  # leads nowhere: to be told
    alike[sort] += 1
    return is_trial() or alike[sort] <= most or SECRET in address or OTHER in address


def fetch(client, address, found_on=""):
    """Fetch one; whatever is raised is noted and spoils nothing else."""
    answer = Answer(address, found_on)
    reset_queries()  # Django keeps the last 9,000, and a crawl asks more
    try:
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            told = client.get(address)
            answer.status, answer.headers, answer.cookies = told.status_code, dict(told.headers), told.cookies
            answer.body = told.getvalue()
        answer.queries = len(captured)
    except (Exception, pytest.fail.Exception) as error:
        answer.fault = "".join(format_exception_only(error)).strip()
    return answer


@contextmanager
def reading_role():
    """Work as a database role that may read published editions and nothing else."""
    role = f"reader_of_{connection.settings_dict['NAME']}"  # roles belong to the whole server
    with connection.cursor() as cursor:
        cursor.execute(f'create role "{role}"')
        cursor.execute(f'grant usage on schema public to "{role}"')
        cursor.execute(f'grant select on {", ".join(LIBRARY_TABLES)} to "{role}"')
        cursor.execute(f'set local role "{role}"')
        yield
        cursor.execute("reset role")


def hide_word():
    """Put the word in drafts, in records under review, and in unpublished edits and comments of what is published.

    Gives the records that have never been published, each with its kind.
    """
    draft = factories.case(title=f"Draft {SECRET}")
    in_review = factories.case(title=f"Review {SECRET}")
    author = Edition.objects.first().submitted_by
    submit_record(record=in_review, by=author)
    lesson = factories.lesson(draft.findings.get(), title=f"Lesson {SECRET}")
    recommendation = factories.recommendation(lesson, title=f"Recommendation {SECRET}")
    theme = factories.theme(label=SECRET, scope_note=SECRET)
    reference = factories.reference(title=SECRET)
    for model, name in EDITED.items():
        record = model._default_manager.order_by("pk").first()
        setattr(record, name, f"{SECRET} {model.__name__}")
        record.save()
    CaseStudy.objects.get(slug="hmp-birmingham").sections.update(text=SECRET)
    for record in (draft, in_review, CaseStudy.objects.get(slug="hmp-birmingham")):
        Comment.objects.create(
            record_id=record.record_id, model=record._meta.label_lower, text=SECRET, by=author, at=timezone.now()
        )
    # a document of a published reference, open and private, quoted and coded with a published theme
    for access in ("open", "private"):
        document = attach_document(
            reference=Reference.objects.get(slug="acc-2021"),
            name=f"{access} {SECRET}.txt",
            by=author,
            access=access,
            data=f"{access}: the {SECRET} ran.".encode(),
            licence="OGL v3.0",
            note=SECRET,
        )
        quotation = quote_words(document=document, words=f"the {SECRET} ran", by=author, note=SECRET)
        code_quotation(quotation=quotation, themes=Theme.objects.filter(state="published")[:1], by=author)
    return [
        ("case-study", draft),
        ("case-study", in_review),
        ("lesson", lesson),
        ("recommendation", recommendation),
        ("theme", theme),
        ("reference", reference),
    ]
