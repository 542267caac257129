"""The site map. Addresses under which something was published are kept for ever."""

from django.contrib import admin
from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from failure_lessons.downloads import views as downloads
from failure_lessons.preview import preview
from failure_lessons.publishing.kinds import KINDS
from failure_lessons.views import health, lists, pages, records


class AddressConverter(StringConverter):
    """The plural noun of a kind, such as `case-studies`."""

    regex = "|".join(kind.address for kind in KINDS.values())


register_converter(AddressConverter, "address")

handler400 = health.bad
handler404 = health.not_found
handler500 = health.broken

urlpatterns = [
    path("", pages.home, name="home"),
    path("search/", pages.search, name="search"),
    path("about/", pages.about, name="about"),
    path("downloads/", downloads.page, name="downloads"),
    path("downloads/latest/<str:name>", downloads.newest, name="download-newest"),
    path("downloads/r<int:revision>/<str:name>", downloads.file, name="download"),
    path("admin/", admin.site.urls),
    path("preview/<address:address>/<str:slug>/", preview, name="preview"),
    path("api/", include("failure_lessons.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("<address:address>/", lists.listing, name="list"),
    path("<address:address>/<str:slug>/", records.detail, name="detail"),
    path("<address:address>/<str:slug>/v<int:number>/", records.detail, name="edition"),
    path("<address:address>/<str:slug>/history/", records.history, name="history"),
    path("<address:address>/<str:slug>/compare/<int:old>..<int:new>/", records.compare, name="compare"),
]
