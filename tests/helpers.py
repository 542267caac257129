"""What tests of several rooms share: publishing in one line, reading a page, counting queries."""

import os
import re
import time
from pathlib import Path

import lxml.html
from django.db import connection
from django.test.utils import CaptureQueriesContext

from failure_lessons.accounts.models import User
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record
from tests import factories

# The kinds of which the shipped evidence has records. No consultation has been held, so it has no round.
SHIPPED_KINDS = {code: kind for code, kind in KINDS.items() if code != "consultation-round"}
PARSER = lxml.html.HTMLParser(remove_comments=True, encoding="utf-8")


def open_to_all(folder):
    """Let other accounts pass to a folder of ours, as that of PostgreSQL when root runs the tests; they read nothing on the way.

    With several workers it lies a folder deeper: whatever of the way there is ours is opened.
    """
    for each in (folder, *folder.parents):
        if each.stat().st_uid == os.geteuid():
            each.chmod(each.stat().st_mode | 0o011)


def submit_and_publish(record, *, note="First."):
    """Hand in and publish as two people of our own; gives the editions that were made."""
    author, _ = User.objects.get_or_create(username="author-of-tests")
    publisher, _ = User.objects.get_or_create(username="publisher-of-tests")
    submit_record(record=record, by=author)
    return publish_record(record=record, by=publisher, note=note)


def publish_case(by, publisher, *, note="", **values):
    """A new case, published."""
    case = factories.case(**values)
    submit_record(record=case, by=by)
    publish_record(record=case, by=publisher, note=note)
    return case


def parse_page(answer):
    """The elements of a page. That pages are valid is looked at elsewhere, by a strict parser that takes 40 times as long."""
    return lxml.html.document_fromstring(answer.content, parser=PARSER)


def text_of(element):
    """The words within an element."""
    return " ".join("".join(element.itertext()).split())


def text_of_page(answer):
    """The words of a page, those of neighbouring elements apart."""
    return " ".join(" ".join(parse_page(answer).itertext()).split())


def count_queries(deed, *given, **named):
    """How many queries something takes; if it gives an answer of the site, a good one."""
    with CaptureQueriesContext(connection) as captured:
        result = deed(*given, **named)
    assert getattr(result, "status_code", 200) == 200, given
    return len(captured)


def squeeze_html(answer):
    """The HTML of an answer without the blanks that only break its lines: none beside a tag, one between words."""
    return re.sub(r" ?(<[^>]*?) ?(/?>) ?", r"\1\2", " ".join(answer.content.decode().split()))


def spend_time():
    """The processor's time that this process and the one of the database that serves it have used so far, in ns.

    Not the time on the wall: what else the machine does would be counted.
    """
    backend = connection.connection.get_backend_pid()
    return time.thread_time_ns() + int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
