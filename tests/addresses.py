"""Every public address by the name of its pattern: examples for whatever has to look at all of them.

`tests/test_addresses_complete.py` fails for a pattern without an example. Whoever adds a page adds a function here.
"""

from django.urls import get_resolver
from django.utils import timezone

from failure_lessons.downloads import storage
from failure_lessons.exports.formats import CITING, FORMATS, SOURCE_FORMATS, formats_of
from failure_lessons.problems import PROBLEM_KINDS
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

# Patterns of which nobody can have an example, by how they begin, and why.
NOT_PUBLIC = {
    "admin/": "the workbench, behind a password",
    "accounts/": "for people who work here: tests/accounts",
    "preview/": "drafts, for people who work here",
    "components/": "for developers alone",
    "follow/confirm/": "by a link in a mail: tests/intake",
    "follow/leave/": "the same",
    "take-part/": "for whoever was invited, by a link",
    "metrics": "for whoever watches, with a token: tests/operations",
    "api/v1/workbench/": "for partners with a token",
    "api/v1/webhooks/": "for partners with a token",
    "api/^(?P<rest>": "what is said where there is nothing",
}
EXAMPLES = {}


def examples_of(*names):
    """Register the decorated function as the one that gives examples of these patterns, called with the name."""

    def register(function):
        EXAMPLES.update(dict.fromkeys(names, function))
        return function

    return register


def public_patterns(resolver=None, start=""):
    """The name and the route of each public pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = f"{start}{pattern.pattern}"
        if route.startswith(tuple(NOT_PUBLIC)):
            continue
        if hasattr(pattern, "url_patterns"):
            yield from public_patterns(pattern, route)
        else:
            yield pattern.name, route


def every_example(*names):
    """The examples of these patterns, or of all of them."""
    for name in names or EXAMPLES:
        yield from EXAMPLES[name](name)


def slug_of(kind):
    """The address of a published record of a kind."""
    return Edition.objects.current().of_kind(kind.code).values_list("slug", flat=True).first()


def records():
    """A published record of each kind: the kind and the start of its address."""
    return [(kind, f"/{kind.address}/{slug_of(kind)}/") for kind in KINDS.values()]


PLAIN = {
    "home": "/",
    "search": "/search/?q=staff",
    "about": "/about/",
    "accessibility": "/accessibility/",
    "developers": "/developers/",
    "llms-txt": "/llms.txt",
    "security-txt": "/.well-known/security.txt",
    "privacy": "/privacy/",
    "corrections": "/corrections/",
    "ledger": "/ledger/",
    "ledger-head": "/.well-known/failure-lessons-ledger.json",
    "brief": "/brief/?r=R4.1",
    "brief-word": "/brief/brief.docx?r=R4.1",
    "brief-pdf": "/brief/brief.pdf?r=R4.1",
    "brief-slides": "/brief/brief.pptx?r=R4.1",
    "brief-short": "/b/R4.1,LS1.1",
    "downloads": "/downloads/",
    "contact": "/contact/?sort=error&about=recommendations/agree-step-in-successor-and-asset-terms-in-advance",
    "contact-sent": "/contact/sent/",
    "follow": "/follow/?of=/recommendations/",
    "follow-asked": "/follow/asked/",
    "overdue": "/follow-up/overdue/",
    "bodies": "/follow-up/bodies/",
    "body": "/follow-up/bodies/ministry-of-justice/",
    "api-bodies": "/api/v1/bodies/?limit=10",
    "api-notes": "/api/v1/notes/?limit=10",
    "api-body": "/api/v1/bodies/ministry-of-justice/",
    "api-downloads": "/api/v1/downloads/",
    "changes": "/changes/",
    "changes-feed": "/changes/feed.atom",
    "api-changes": "/api/v1/changes/?limit=100",
    "api-documentation": "/api/",
    "api-policy": "/api/policy/",
    "api-root": "/api/v1/",
    "api-openapi": "/api/v1/openapi.json",
    "api-evidence-map": "/api/v1/evidence-map/",
    "api-traceability": "/api/v1/traceability/",
    "project": "/about/project/",
    "what-if": "/what-if/?strike=E1-F1&strike=tes-1996-ofsted",
    "traceability": "/about/traceability/",
    "use": "/about/use/",
    "api-search": "/api/v1/search/?q=staff",
    "api-check": f"/api/v1/check/?sha256={'0' * 64}",
    "by-code": "/R8",
    "by-code-with-slash": "/e1-f3/",
    "api-by-code": "/api/v1/ls4",
    "api-by-code-with-slash": "/api/v1/R8/",
    "favicon": "/favicon.ico",
    "touch-icon": "/apple-touch-icon.png",
    "robots": "/robots.txt",
    "site-styles": "/site-styles.css",
    "sitemap": "/sitemap.xml",
    "sitemap-pages": "/sitemap/pages.xml",
    "healthz": "/healthz",
    "readyz": "/readyz",
    "compare-cases": "/case-studies/compare/?case=hmp-birmingham&case=ridings-school-halifax",
}


@examples_of(*PLAIN)
def plain_address(name):
    yield PLAIN[name]


@examples_of("changes-month")
def months(name):
    yield from (f"/changes/{timezone.localdate():%Y-%m}/", "/changes/2001-01/")


@examples_of("evidence-map", "evidence-map-csv")
def maps(name):
    page = "/evidence-map/map.csv" if name == "evidence-map-csv" else "/evidence-map/"
    yield from (page, f"{page}?of=recommendation&by=failure-type")


@examples_of("evidence-map-chart", "evidence-map-embed")
def pictures_of_the_map(name):
    if name == "evidence-map-embed":
        yield "/embed/evidence-map/?of=recommendation&by=theme"
    else:
        yield from (f"/evidence-map/charts/map.{each}?of=finding&by=theme" for each in ("svg", "png", "csv"))


@examples_of("download", "download-newest")
def files_to_download(name):
    bundle = storage.newest_bundle()  # which a test has to build
    folder = f"/downloads/r{bundle.revision}" if name == "download" else "/downloads/latest"
    yield from (f"{folder}/{file.name}" for file in bundle.files)


@examples_of("oai")
def harvests(name):
    yield from ("/oai?verb=Identify", "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc")
    yield from (f"/oai?verb=ListRecords&metadataPrefix=oai_datacite&set=kind:{kind}" for kind in KINDS)


@examples_of("api-problem")
def problems(name):
    yield from (f"/api/problems/{code}/" for code in PROBLEM_KINDS)


@examples_of("api-operation")
def operations(name):
    yield from (
        f"/api/operations/{each}/" for each in ("listRecommendations", "getFinding", "sendReferences", "checkMany")
    )


@examples_of("api-edition-by-hash")
def editions_by_hash(name):
    for kind in KINDS.values():
        edition = Edition.objects.current().of_kind(kind.code).first()
        yield from (f"/api/v1/editions/{edition.sha256}/", f"/api/v1/editions/{edition.sha256}/?format=csv")


@examples_of("list", "list-feed", "sitemap-part")
def lists(name):
    tails = {"list": "/{}/", "list-feed": "/{}/feed.atom", "sitemap-part": "/sitemap/{}-1.xml"}
    yield from (tails[name].format(kind.address) for kind in KINDS.values())


@examples_of("export")
def exports(name):
    for kind in KINDS.values():
        yield from (f"/{kind.address}/export.{each.extension}" for each in formats_of(kind.code))


PARTS_OF_A_RECORD = {
    "detail": "",
    "edition": "v1/",
    "linkset": "linkset.json",
    "linkset-edition": "v1/linkset.json",
    "history": "history/",
    "compare": "compare/1..1/",
    "record-feed": "feed.atom",
}


@examples_of(*PARTS_OF_A_RECORD)
def parts_of_records(name):
    yield from (f"{start}{PARTS_OF_A_RECORD[name]}" for _, start in records())


FIGURE_OF = {"case-study": "indicator-1", "literature-review": "prisma-flow", "recommendation": "chain"}
FIGURE_OF |= {"lesson": "confidence", "follow-up": "timeline"}


@examples_of("chart", "chart-edition")
def charts(name):
    part = "v1/" if name == "chart-edition" else ""
    for kind, start in records():
        if kind.code in FIGURE_OF:
            yield from (
                f"{start}{part}charts/{FIGURE_OF[kind.code]}.{extension}" for extension in ("svg", "png", "csv")
            )


@examples_of("embed", "embed-edition")
def pages_to_embed(name):
    part = "v1/" if name == "embed-edition" else ""
    yield from (f"/embed{start}{part}{FIGURE_OF[kind.code]}/" for kind, start in records() if kind.code in FIGURE_OF)


@examples_of("comparison-chart", "comparison-embed")
def figures_of_comparisons(name):
    if name == "comparison-embed":
        yield from (f"/embed/case-studies/compare/{each}/" for each in ("timeline", "slide"))
    else:
        yield from (f"/case-studies/compare/charts/slide.{extension}" for extension in ("svg", "png", "csv", "pptx"))
        yield "/case-studies/compare/charts/timeline.svg?case=hmp-birmingham&case=ridings-school-halifax&scale=calendar"


@examples_of("cite", "cite-edition")
def citations(name):
    part = "v1/" if name == "cite-edition" else ""
    for _, start in records():
        yield from (f"{start}{part}cite.{FORMATS[each].extension}" for each in CITING)


@examples_of("sources", "sources-edition")
def sources(name):
    part = "v1/" if name == "sources-edition" else ""
    for kind, start in records():
        if kind.has_pins:
            yield from (f"{start}{part}sources.{FORMATS[each].extension}" for each in SOURCE_FORMATS)


TABLES = {
    table.route(kind.code, of): (kind, table, of)
    for kind in KINDS.values()
    for table in kind.part_tables
    for of in ("", "edition", "all")
}


@examples_of(*TABLES)
def tables_of_parts(name):
    kind, table, of = TABLES[name]
    place = {"all": "", "": f"{slug_of(kind)}/", "edition": f"{slug_of(kind)}/v1/"}[of]
    yield from (f"/{kind.address}/{place}{table.name}.{extension}" for extension in ("csv", "xlsx"))


FILES = {file.route: (kind, file) for kind in KINDS.values() for file in kind.files}


@examples_of(*FILES, *(f"{route}-edition" for route in FILES))
def files_of_records(name):
    kind, file = FILES[name.removesuffix("-edition")]
    yield f"/{kind.address}/{slug_of(kind)}/{'v1/' if name.endswith('-edition') else ''}{file.name}"


@examples_of(*(f"api-{code}{part}" for code in KINDS for part in ("-list", "", "-editions", "-edition")))
def api_records(name):
    kind = next(kind for code, kind in KINDS.items() if name.removeprefix("api-") in api_parts(code))
    part = api_parts(kind.code)[name.removeprefix("api-")]
    address = f"/api/v1/{kind.api_address}/{part.format(slug_of(kind))}"
    yield address
    if part != "{}/editions/":
        yield from (f"{address}?format={each.name}" for each in formats_of(kind.code))


def api_parts(code):
    """The names of the four patterns of a kind, with what follows in the address."""
    return {f"{code}-list": "", code: "{}/", f"{code}-editions": "{}/editions/", f"{code}-edition": "{}/editions/1/"}
