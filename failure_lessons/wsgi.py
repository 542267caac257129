"""The WSGI application that a server such as gunicorn loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DATABASE_WORK", "reader")  # the time limits of most requests are those of every connection
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
behind = get_wsgi_application()
os.environ.pop("DATABASE_WORK")  # the settings know it now; it is not for programs that this process starts

from failure_lessons.api.response_cache import ResponseCache  # noqa: E402  # only now can models be read

application = ResponseCache(behind)
