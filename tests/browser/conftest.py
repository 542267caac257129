"""A real Chromium before the real site."""

import shutil
import sys
import threading
import time
import traceback
from functools import wraps
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Error, Locator, Page, sync_playwright

# The first is the same browser without a window to draw: it takes a third of the processor's time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--in-process-gpu",  # there is none: a process of its own for it only passes pictures on
    "--js-flags=--no-opt --no-maglev --single-threaded",  # no page stands long enough to earn back what optimising costs
    "--disable-smooth-scrolling",  # what moves cannot be pressed: a click waited up to a second until the page had arrived
]

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Every test of this folder drives a browser, whose pipes close after the test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Of a test that failed it is told where each page stood and what each thread of the site was doing."""
    report = (yield).get_result()
    if report.failed and call.when == "call" and "browser" in item.funcargs:
        pages = [page.url for context in item.funcargs["browser"].contexts for page in context.pages]
        report.sections.append(("Pages", "\n".join(pages)))
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        for ident, frame in sys._current_frames().items():
            said = "".join(traceback.format_stack(frame)[-12:])
            report.sections.append((f"Thread {names.get(ident, ident)}", said))


def read_to_the_end(action, page_of):
    """A click that ends when the page it leads to has been read: Playwright's own waits for no more than its beginning."""

    @wraps(action)
    def act_and_arrive(acting, *args, **kwargs):
        action(acting, *args, **kwargs)
        page_of(acting).wait_for_load_state("domcontentloaded")

    return act_and_arrive


def wait_for_condition(page, condition, *, arg=None, timeout=30_000):
    """Wait until a condition is true of a page. Asked from outside, again and again.

    Playwright's own asks from within the page as soon as the first answer was no, by `eval`, which our policy forbids.
    """
    end = time.monotonic() + timeout / 1000
    while True:
        try:
            if page.evaluate(condition, arg):
                return
            said = "it is not"
        except Error as error:  # the page is just being left for another
            said = error.message
        if time.monotonic() > end:
            raise TimeoutError(f"{condition} should have become true within {timeout} ms: {said}")
        page.wait_for_timeout(20)


@pytest.fixture(scope="package")
def browser():
    """One Chromium for the tests of this folder."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install your system's package “chromium”")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patched:
        patched.setattr(Page, "click", read_to_the_end(Page.click, lambda page: page))
        patched.setattr(Page, "wait_for_function", wait_for_condition)
        patched.setattr(Locator, "click", read_to_the_end(Locator.click, lambda locator: locator.page))
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
        connections.close_all()  # what the tests asked themselves went over a connection of the browser's event loop


@pytest.fixture(scope="module")
def reader(browser):
    """The window of one reader for tests of a module that leave nothing behind in it: each opens a page of its own.

    A window of its own for each would start a process and fetch all files anew.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.new_page()  # stands to the end, and the process with it
    yield context
    context.close()
