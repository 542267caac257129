"""What Prometheus reads at `/metrics`: requests, the library's revision, what waits for how long, which workers live.

Several processes of one machine are added up when `PROMETHEUS_MULTIPROC_DIR` names a folder they share.
"""

from __future__ import annotations

import datetime as dt
import hmac
import os
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from failure_lessons.database.heartbeats import is_dead
from failure_lessons.database.models import Heartbeat
from failure_lessons.downloads import storage
from failure_lessons.downloads.views import library_revision
from failure_lessons.outbox.models import Message
from failure_lessons.webhooks.models import Webhook

# The parts of the site that are told apart; all else is "pages". In some the address itself is a secret.
AREAS = frozenset({"admin", "api", "downloads", "embed", "healthz", "metrics", "oai", "readyz", "static", "take-part"})
SECRET_AREAS = frozenset({"take-part"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
REQUESTS = Counter("http_requests", "Requests that were answered.", ["area", "method", "status"])
REQUEST_SECONDS = Histogram("http_request_seconds", "How long they took.", ["area"], buckets=BUCKETS)
LAG = "select case when pg_is_in_recovery() then extract(epoch from now() - pg_last_xact_replay_timestamp()) end"


def gauge(name: str, words: str, value: float | None) -> Iterator[GaugeMetricFamily]:
    """One number, unless there is none."""
    if value is not None:
        yield GaugeMetricFamily(f"failure_lessons_{name}", words, value=value)


def age(since: dt.datetime | None) -> float:
    """Seconds since then; 0 without one."""
    return max(0.0, (timezone.now() - since).total_seconds()) if since else 0.0


def replication_lag() -> float | None:
    """Seconds by which this database is behind the one it copies; None for one that copies nobody."""
    with connection.cursor() as cursor:
        cursor.execute(LAG)
        value = cursor.fetchone()[0]
    return None if value is None else float(value)


class LibraryCollector(Collector):
    """What the database knows, asked when somebody reads the metrics."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        revision = library_revision()
        bundle = storage.newest_bundle()
        yield from gauge("revision", "The newest revision of the library.", revision)
        yield from gauge("download_revision", "The revision of the newest downloads.", bundle.revision if bundle else 0)
        yield from gauge("replication_lag_seconds", "How far this database is behind its primary.", replication_lag())
        mail = Message.objects.filter(state=Message.State.WAITING).aggregate(number=Count("pk"), oldest=Min("due_at"))
        yield from gauge("mail_waiting", "Messages that wait to be sent.", mail["number"])
        yield from gauge("mail_waiting_seconds", "How long the oldest of them is due.", age(mail["oldest"]))
        yield from gauge(
            "mail_unsettled", "Messages that a person has to look at.", Message.objects.unsettled().count()
        )
        behind = Webhook.objects.active().filter(cursor__lt=revision)
        hooks = behind.aggregate(number=Count("pk"), oldest=Min("failing_since"))
        yield from gauge("webhooks_behind", "Webhooks that have not been told everything.", hooks["number"])
        yield from gauge("webhooks_failing_seconds", "How long the longest fails.", age(hooks["oldest"]))
        alive = GaugeMetricFamily("failure_lessons_worker_alive", "1 for a worker that gives signs.", labels=["worker"])
        now = timezone.now()
        for each in Heartbeat.objects.order_by("worker"):
            alive.add_metric([each.worker], 0 if is_dead(each, now) else 1)
        yield alive


def read_metrics() -> bytes:
    """Everything, in the text format of Prometheus."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    library = CollectorRegistry()
    library.register(LibraryCollector())
    return generate_latest(registry) + generate_latest(library)


@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    """The metrics, for whoever holds METRICS_TOKEN; to everybody else, and without a token, there is nothing here."""
    sent = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(
        sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()
    ):
        raise Http404
    return HttpResponse(read_metrics(), content_type=CONTENT_TYPE_LATEST)
