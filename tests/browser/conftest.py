"""A real Chromium before the real site."""

import shutil
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test.testcases import LiveServerThread
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Every test of this folder drives a browser, whose pipes close after the test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))


class PatientServer(ThreadedWSGIServer):
    """Ends only when every request has, so that no thread keeps a connection to the test database."""

    daemon_threads = False


class SiteThread(LiveServerThread):
    """The site in a thread."""

    server_class = PatientServer


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The site on a port of its own, over what the whole run has published."""
    with django_db_blocker.unblock():
        server = SiteThread("127.0.0.1", StaticFilesHandler, connections_override={})
        server.daemon = True
        server.start()
        server.is_ready.wait()
        yield f"http://127.0.0.1:{server.port}"
        server.terminate()


@pytest.fixture(scope="module")
def browser(site):
    """One Chromium, closed before the site is."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install your system's package “chromium”")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
        connections.close_all()  # what a test asked itself went over a connection of the browser's event loop
