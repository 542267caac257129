"""What every test may ask for: people with roles, the shipped evidence, a library that holds it."""

import gc
import os
import socket
from contextlib import ExitStack, contextmanager, suppress
from copy import copy

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser tests run the live server beside an event loop

import django.test.client
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connection
from django.test import Client
from django.test.testcases import LiveServerThread
from django.test.utils import ContextList
from pytest_django.plugin import blocking_manager_key

from failure_lessons.accounts.models import User
from failure_lessons.api import response_cache
from failure_lessons.database.patience import patience
from failure_lessons.library import filters
from failure_lessons.library.list_query import parse_standing_query
from failure_lessons.library.newest_served import newest_served
from failure_lessons.packages import validation
from failure_lessons.packages.exchange import load_package
from failure_lessons.packages.format import read_package
from tests.crawl import crawl_site
from tests.examples import load_profile
from tests.mail_server import mail_server as mail_server  # a fixture
from tests.sound_entries import PatientValidator
from tests.template_database import EVIDENCE, prepare_template, use_clone, use_separate_clone

WIDGETS = ("django/forms/", "admin/widgets/")  # where the templates of boxes lie


def pytest_configure(config):
    """What all tests share."""
    hands_out = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    if not hands_out:  # until the tests are collected: what is made meanwhile stays, and was looked through many times
        gc.disable()
    load_profile()
    # no test but those of the quota itself should meet one; requests are counted in memory
    settings.QUOTA_ANONYMOUS = settings.QUOTA_PARTNER = "900000000/60"
    settings.QUOTA_FILE = ":memory:"
    # a test is one transaction, in which what a request was limited to goes on: the test may think as long as it likes
    settings.DATABASE_LIMITS = {kind: (*limits[:2], "0") for kind, limits in settings.DATABASE_LIMITS.items()}
    # nor is a busy machine that runs tests a database that does not answer
    settings.DATABASE_LIMITS |= {"reader": ("8s", "2s", "0"), "probe": ("1500ms", "1500ms", "0")}
    patience.state_seconds = 30
    # or every client would first read the list of all static files
    settings.WHITENOISE_AUTOREFRESH = True
    # the real one takes a quarter of a second for each person, on purpose; no test is about how slow it is
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django.test.client.store_rendered_templates = keep_template
    validation.Validator = PatientValidator


def pytest_sessionstart(session):
    """The last of several workers builds the template of the library while the others compile the tests for all."""
    about = getattr(session.config, "workerinput", {"workercount": 1})
    if about["workercount"] > 1 and about["workerid"] == f"gw{about['workercount'] - 1}":
        with session.config.stash[blocking_manager_key].unblock():
            prepare_template(anew=session.config.getvalue("create_db"), run=about["testrunuid"])


def keep_template(store, signal, sender, template, context, **_):
    """What the test client keeps of each template: all their names, but a copy only of what a page was given.

    Its own copies the context for every template that a page extends or includes and for each box of a form, hundreds on
    a page of the workbench, which was a tenth of the run.
    """
    store.setdefault("templates", []).append(template)
    kept = store.setdefault("context", ContextList())
    if context.template is template and not (template.name or "").startswith(WIDGETS):
        kept.append(copy(context))


def pytest_collection_finish():
    """What stands now stands to the end: to look for garbage in it after every few objects took a seventh of the run.

    Garbage is looked for as seldom as in a process of the site (failure_lessons/wsgi.py).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish():
    """Look through all once more, for what has failed unseen; pytest itself does so five times after another."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shipped():
    """The shipped evidence package, in memory. Copy before changing."""
    return read_package(EVIDENCE)


@pytest.fixture(scope="session")
def django_db_setup(
    request,
    django_test_environment,
    django_db_blocker,
    django_db_modify_db_settings,
    django_db_keepdb,
    django_db_createdb,
):
    """The library with the shipped evidence: a clone of a kept template; each test rolls back its own changes.

    In place of pytest-django's own fixture, which makes no test database when no chosen test is marked with one: the
    browser tests alone would then have worked in the database of `make run`. `--reuse-db` keeps the clone as the run
    left it for the next one; `--create-db` builds the template anew.
    """
    run = getattr(request.config, "workerinput", {}).get("testrunuid") or str(os.getpid())
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(use_clone(reuse=django_db_keepdb, anew=django_db_createdb, run=run))
        yield
        with django_db_blocker.unblock():
            stack.close()


@pytest.fixture(scope="session")
def crawl(request, django_db_setup, django_db_blocker):
    """Every public address, fetched once (tests/crawl.py)."""
    assert "not slow" not in request.config.getoption("markexpr"), "the quick run crawls nothing: mark the test as slow"
    with django_db_blocker.unblock():
        return crawl_site()


def pytest_itemcollected(item):
    """A test that asks for the crawl is slow: said before `-m` chooses, which it does before it is our turn to sort."""
    if "crawl" in item.fixturenames:
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The tests that share one crawl come first: xdist gives neighbours to one worker, which fetches once.

    After pytest-django has put tests by the database that they want.
    """
    items.sort(key=lambda item: "crawl" not in item.fixturenames)
    for item in items:
        if any(each.kwargs.get("transaction") or each.args[:1] == (True,) for each in item.iter_markers("django_db")):
            raise pytest.UsageError(f"{item.nodeid} would empty the library of its worker: take `committed` instead.")


@pytest.fixture(scope="module")
def own_library(django_db_setup, django_db_blocker):
    """A clone for this module alone: what its tests commit meets no other module."""
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(use_separate_clone())
        yield
        with django_db_blocker.unblock():
            stack.close()
        newest_served.forget_number()  # or a fixture of the next module would ask for what only the clone held


@pytest.fixture
def committed(own_library, django_db_blocker):
    """A test whose transactions really commit, for the tests of this module that come after it too."""
    with django_db_blocker.unblock():
        yield
        connection.close()


def publish_shipped(package):
    """Load and publish a package as two service accounts."""
    by, _ = User.objects.get_or_create(username="evidence-loader")
    publisher, _ = User.objects.get_or_create(username="evidence-publisher")
    return load_package(package, by=by, publisher=publisher)


@pytest.fixture(autouse=True)
def nothing_kept():
    """A test rolls its revision back; the next one uses the same number for something else."""
    response_cache.response_store.clear()
    newest_served.forget_number()
    patience.forget_trouble()
    filters.known_slugs.clear()
    parse_standing_query.cache_clear()


@pytest.fixture
def researcher(db):
    """Writes and submits."""
    return User.objects.create_user("researcher", password="a long enough phrase")


@pytest.fixture
def publisher(db):
    """Publishes what others submit."""
    return User.objects.create_user("publisher", password="a long enough phrase")


@pytest.fixture
def person(db):
    """Makes a person who can sign in, with these roles."""

    def make(name, *roles):
        made = User.objects.create_user(name, f"{name}@example.org", "a long enough phrase", is_staff=True)
        made.groups.set(Group.objects.filter(name__in=roles))
        assert made.groups.count() == len(roles)
        return made

    return make


@pytest.fixture
def browser_of():
    """The browser of somebody who has signed in."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


class PatientServer(ThreadedWSGIServer):
    """Ends only when every request has, so that no thread keeps a connection to the test database.

    It does not wait for another request on a connection that a browser keeps open: that may never come.
    """

    daemon_threads = False

    def __init__(self, *args, **kwargs):
        self.open_sockets = set()
        super().__init__(*args, **kwargs)

    def process_request(self, request, client_address):
        # head and body are sent apart: a client that keeps its connection would wait 40 ms for the second
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.open_sockets.add(request)
        super().process_request(request, client_address)

    def close_request(self, request):
        self.open_sockets.discard(request)
        super().close_request(request)

    def server_close(self):
        for each in tuple(self.open_sockets):
            with suppress(OSError):  # it has just been closed
                each.shutdown(socket.SHUT_RD)
        super().server_close()


class SiteThread(LiveServerThread):
    """The site in a thread."""

    server_class = PatientServer


@contextmanager
def serve_site():
    """The site on a port of its own, over what the whole run has published; gives its address."""
    server = SiteThread("127.0.0.1", StaticFilesHandler, connections_override={})
    server.daemon = True
    server.start()
    server.is_ready.wait()
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The address of the site, served for the tests of one module."""
    with django_db_blocker.unblock(), serve_site() as address:
        yield address
