"""The site map. Addresses under which something was published are kept for ever."""

from django.contrib import admin
from django.urls import include, path, register_converter
from django.urls.converters import IntConverter, StringConverter

from casestudies import views
from failure_lessons.downloads import views as bundles
from failure_lessons.downloads.api import Downloads
from failure_lessons.intake.api import NoteList
from failure_lessons.operations import metrics, use_page
from failure_lessons.pages import (
    charts,
    codes,
    developers,
    discovery,
    evidence_map,
    files,
    follow_up,
    health,
    ledger,
    lists,
    pages,
    records,
    search,
    what_if,
)
from failure_lessons.pages.brief import views as brief
from failure_lessons.pages.preview import preview_record
from failure_lessons.publishing.registry import KINDS
from failure_lessons.workbench import rich_text


class AddressConverter(StringConverter):
    """The plural noun of a kind, such as `case-studies`."""

    regex = "|".join(kind.address for kind in KINDS.values())


class NumberConverter(IntConverter):
    """The number of an edition, written in one way alone: it stands in addresses for ever."""

    regex = "[1-9][0-9]{0,8}"


register_converter(AddressConverter, "address")
register_converter(NumberConverter, "number")
register_converter(codes.CodeConverter, "code")

handler400 = health.bad_request
handler403 = health.permission_denied
handler404 = health.not_found
handler500 = health.server_error

urlpatterns = [
    path("", pages.home_page, name="home"),
    path("search/", search.search_page, name="search"),
    path("about/", pages.about_page, name="about"),
    path("about/project/", pages.project_page, name="project"),
    path("about/traceability/", pages.traceability_page, name="traceability"),
    path("about/use/", use_page.use_page, name="use"),
    path("developers/", developers.developers_page, name="developers"),
    path("llms.txt", developers.llms_txt, name="llms-txt"),
    path(".well-known/security.txt", developers.security_txt, name="security-txt"),
    path("accessibility/", pages.accessibility_page, name="accessibility"),
    path("privacy/", pages.privacy_page, name="privacy"),
    path("corrections/", pages.corrections_page, name="corrections"),
    path("ledger/", ledger.ledger_page, name="ledger"),
    path(".well-known/failure-lessons-ledger.json", ledger.ledger_head, name="ledger-head"),
    path("components/", pages.components_page, name="components"),
    path("brief/", include("failure_lessons.pages.brief.views")),
    path("b/<path:picks>", brief.short_address, name="brief-short"),
    path("what-if/", what_if.what_if_page, name="what-if"),
    path("evidence-map/", evidence_map.map_page, name="evidence-map"),
    path("evidence-map/map.csv", evidence_map.download_map, name="evidence-map-csv"),
    path("evidence-map/charts/<str:name>.<str:extension>", evidence_map.map_file, name="evidence-map-chart"),
    path("embed/evidence-map/", evidence_map.embed_map, name="evidence-map-embed"),
    path("downloads/", bundles.downloads_page, name="downloads"),
    path("downloads/latest/<str:name>", bundles.newest_download, name="download-newest"),
    path("downloads/r<int:revision>/<str:name>", bundles.download_file, name="download"),
    path("admin/spreadsheets/", include("failure_lessons.bulk.urls")),
    path("admin/people/", include("failure_lessons.workbench.people")),
    path("admin/text/from-html/", rich_text.from_html, name="text-from-html"),
    path("admin/text/preview/", rich_text.preview_text, name="text-preview"),
    path("admin/", admin.site.urls),
    path("accounts/", include("failure_lessons.accounts.urls")),
    path("preview/<address:address>/<str:slug>/", preview_record, name="preview"),
    path("", include("failure_lessons.intake.views")),
    path("", include("failure_lessons.feeds.urls")),
    path("api/v1/notes/", NoteList.as_view(), name="api-notes"),
    path("api/v1/downloads/", Downloads.as_view(), name="api-downloads"),
    path("api/v1/<code:code>", codes.data_by_code, name="api-by-code"),
    path("api/v1/<code:code>/", codes.data_by_code, name="api-by-code-with-slash"),
    path("api/", include("failure_lessons.api.urls")),
    path("<code:code>", codes.page_by_code, name="by-code"),
    path("<code:code>/", codes.page_by_code, name="by-code-with-slash"),
    path("favicon.ico", discovery.site_icon, {"name": "favicon.ico"}, name="favicon"),
    path("apple-touch-icon.png", discovery.site_icon, {"name": "touch-icon.png"}, name="touch-icon"),
    path("site-styles.css", discovery.site_styles, name="site-styles"),
    path("robots.txt", discovery.robots_txt, name="robots"),
    path("sitemap.xml", discovery.sitemap_index, name="sitemap"),
    path("sitemap/pages.xml", discovery.sitemap_pages, name="sitemap-pages"),
    path("sitemap/<address:address>-<int:number>.xml", discovery.sitemap_part, name="sitemap-part"),
    path("take-part/", include("recommendations.consultations.views")),
    path("take-part/", include("recommendations.consultations.workshop_pages")),
    path("metrics", metrics.metrics_page, name="metrics"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("follow-up/overdue/", follow_up.overdue_page, name="overdue"),
    path("follow-up/bodies/", follow_up.bodies_page, name="bodies"),
    path("follow-up/bodies/<str:slug>/", follow_up.body_page, name="body"),
    path("case-studies/compare/", views.side_by_side, name="compare-cases"),
    path("case-studies/compare/charts/<str:name>.<str:extension>", views.comparison_file, name="comparison-chart"),
    path("embed/case-studies/compare/<str:name>/", views.comparison_embed, name="comparison-embed"),
    *(
        path(
            f"{kind.address}/<str:slug>/{edition}{file.name}",
            files.record_file,
            {"address": kind.address, "name": file.name},
            name=f"{file.route}-edition" if edition else file.route,
        )
        for kind in KINDS.values()
        for file in kind.files
        for edition in ("", "v<number:number>/")
    ),
    *(
        path(
            f"{kind.address}/{place}{table.name}.<str:extension>",
            files.download_parts,
            {"address": kind.address, "name": table.name},
            name=table.route(kind.code, of),
        )
        for kind in KINDS.values()
        for table in kind.part_tables
        for of, place in (("all", ""), ("", "<str:slug>/"), ("edition", "<str:slug>/v<number:number>/"))
    ),
    path("embed/<address:address>/<str:slug>/<str:name>/", charts.embed_page, name="embed"),
    path("embed/<address:address>/<str:slug>/v<number:number>/<str:name>/", charts.embed_page, name="embed-edition"),
    path("<address:address>/<str:slug>/charts/<str:name>.<str:extension>", charts.chart_file, name="chart"),
    path(
        "<address:address>/<str:slug>/v<number:number>/charts/<str:name>.<str:extension>",
        charts.chart_file,
        name="chart-edition",
    ),
    path("<address:address>/", lists.list_page, name="list"),
    path("<address:address>/export.<str:extension>", lists.export_list, name="export"),
    path("<address:address>/<str:slug>/", records.record_page, name="detail"),
    path("<address:address>/<str:slug>/v<number:number>/", records.record_page, name="edition"),
    path("<address:address>/<str:slug>/cite.<str:extension>", files.cite_edition, name="cite"),
    path("<address:address>/<str:slug>/v<number:number>/cite.<str:extension>", files.cite_edition, name="cite-edition"),
    path("<address:address>/<str:slug>/sources.<str:extension>", files.download_sources, name="sources"),
    path(
        "<address:address>/<str:slug>/v<number:number>/sources.<str:extension>",
        files.download_sources,
        name="sources-edition",
    ),
    path("<address:address>/<str:slug>/linkset.json", files.link_set, name="linkset"),
    path("<address:address>/<str:slug>/v<number:number>/linkset.json", files.link_set, name="linkset-edition"),
    path("<address:address>/<str:slug>/history/", records.history_page, name="history"),
    path("<address:address>/<str:slug>/compare/<int:old>..<int:new>/", records.compare_page, name="compare"),
]
