"""A test reads a page no sooner than it has come to its end, and may wait for what comes to be true of it."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SECONDS_BETWEEN_THE_HALVES = 0.3


class InHalves(BaseHTTPRequestHandler):
    """Gives each page in two halves, as a busy server does."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'self'")  # as our site says
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Halves</title><a href=/next>Next</a>" + b" " * 2000)
        self.wfile.flush()
        time.sleep(SECONDS_BETWEEN_THE_HALVES)
        self.wfile.write(b"<p class=last>The end</p>")

    def log_message(self, *said):
        """Nothing: the output of a test is for what failed."""


@pytest.fixture
def slow_site():
    """The address of a server whose every page comes in two halves."""
    with ThreadingHTTPServer(("127.0.0.1", 0), InHalves) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_click_waits_for_the_end_of_the_page_it_leads_to(browser, slow_site):
    page = browser.new_page()
    for click in (page.click, lambda link: page.locator(link).click()):
        page.goto(slow_site)
        click("a")
        assert page.locator(".last").count() == 1
        assert page.url.endswith("/next")
    page.close()


def test_a_condition_is_waited_for_though_the_page_forbids_eval(browser, slow_site):
    page = browser.new_page()
    page.goto(slow_site)
    page.evaluate("setTimeout(() => { document.title = 'Later' }, 100)")
    page.wait_for_function("document.title === 'Later'")
    page.evaluate("setTimeout(() => { location.href = '/next' }, 100)")
    page.wait_for_function("end => location.pathname.endsWith(end)", arg="next")
    with pytest.raises(TimeoutError, match="'Never' should have become true within 50 ms"):
        page.wait_for_function("document.title === 'Never'", timeout=50)
    page.close()
