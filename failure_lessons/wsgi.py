"""The WSGI application that a server such as gunicorn loads."""

import gc
import os
from wsgiref.types import WSGIApplication

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DATABASE_WORK", "reader")  # the time limits of most requests are those of every connection
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
behind = get_wsgi_application()
os.environ.pop("DATABASE_WORK")  # the settings know it now; it is not for programs that this process starts

from django.conf import settings  # noqa: E402  # only now is there something to read

from failure_lessons.api.response_cache import ResponseCache  # noqa: E402  # only now can models be read
from failure_lessons.operations.recording import RequestRecorder  # noqa: E402

application: WSGIApplication = ResponseCache(behind)
if settings.LOG_REQUESTS or settings.METRICS_TOKEN:
    application = RequestRecorder(application, lines=settings.LOG_REQUESTS)

# What stands now stands for good: the collector of garbage need not look through it again and again, nor so often at
# what a request makes, which is mostly gone with the request.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
