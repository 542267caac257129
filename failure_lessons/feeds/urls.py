"""Where changes are followed. These stand before the addresses of records and of the API."""

from django.urls import path, re_path

from failure_lessons.feeds.api import ChangeList
from failure_lessons.feeds.oai.views import answer_harvester
from failure_lessons.feeds.record_feeds import all_changes, list_changes, record_changes
from failure_lessons.feeds.views import change_list, month_in_short

urlpatterns = [
    path("api/v1/changes/", ChangeList.as_view(), name="api-changes"),
    path("changes/", change_list, name="changes"),
    re_path(r"^changes/(?P<month>[12][0-9]{3}-(?:0[1-9]|1[0-2]))/\Z", month_in_short, name="changes-month"),
    path("changes/feed.atom", all_changes, name="changes-feed"),
    path("<address:address>/feed.atom", list_changes, name="list-feed"),
    path("<address:address>/<str:slug>/feed.atom", record_changes, name="record-feed"),
    path("oai", answer_harvester, name="oai"),
]
