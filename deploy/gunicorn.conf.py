"""Settings of the web server, the same for `make run` and for a deployment. Addresses and numbers come from outside."""

import os
from threading import Thread
from types import SimpleNamespace

from prometheus_client import multiprocess

bind = os.environ.get("BIND", "unix:/run/failure-lessons/web.sock")
workers = int(os.environ.get("WEB_WORKERS", "2"))  # about one for each processor
worker_class = "failure_lessons.operations.health_worker.HealthWorker"
threads = 4  # so that one who waits for the database does not keep all others waiting
timeout = 30
graceful_timeout = 25
limit_request_line = 8190  # a brief is in its address
loglevel = "warning"
# For counting how the site is used: the combined format, with no address of who asked and no page they came from.
accesslog = os.environ.get("ACCESS_LOG") or None
access_log_format = '- - - %(t)s "%(r)s" %(s)s %(b)s "-" "%(a)s"'
forwarded_allow_ips = ""  # who is believed is TRUSTED_PROXIES
umask = 0o007


def post_worker_init(worker: object) -> None:
    """A process reads what it counts by while it starts, beside its first requests, so that no reader waits for it."""
    from failure_lessons.library.warming import warm_library  # the application is loaded only now

    Thread(target=warm_library, daemon=True).start()


def child_exit(server: object, worker: SimpleNamespace) -> None:
    """The figures of a process that ended are added up with the others once more."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
