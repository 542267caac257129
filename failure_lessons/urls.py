"""The site map. Addresses under which something was published are kept for ever."""

from django.contrib import admin
from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from failure_lessons import evidence_map, views
from failure_lessons.preview import preview
from failure_lessons.publishing.kinds import KINDS


class AddressConverter(StringConverter):
    """The plural noun of a kind, such as `case-studies`."""

    regex = "|".join(kind.address for kind in KINDS.values())


register_converter(AddressConverter, "address")

handler400 = views.bad
handler404 = views.not_found
handler500 = views.broken

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("about/", views.about, name="about"),
    path("brief/", include("failure_lessons.brief.views")),
    path("evidence-map/", evidence_map.page, name="evidence-map"),
    path("evidence-map/map.csv", evidence_map.download, name="evidence-map-csv"),
    path("admin/", admin.site.urls),
    path("preview/<address:address>/<str:slug>/", preview, name="preview"),
    path("api/", include("failure_lessons.api")),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("<address:address>/", views.listing, name="list"),
    path("<address:address>/<str:slug>/", views.detail, name="detail"),
    path("<address:address>/<str:slug>/v<int:number>/", views.detail, name="edition"),
    path("<address:address>/<str:slug>/history/", views.history, name="history"),
    path("<address:address>/<str:slug>/compare/<int:old>..<int:new>/", views.compare, name="compare"),
]
