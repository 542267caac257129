"""Reading the library as it stood: every earlier answer stays what it was, links carry the date, withdrawn is withdrawn."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.template import RequestContext, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import CaseFinding, CaseStudy
from failure_lessons.accounts.models import User
from failure_lessons.pages.as_of import Moment
from failure_lessons.pages.links import carry_moment, set_moment
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from recommendations.models import Lesson
from tests import factories
from tests.examples import examples, some_of
from tests.helpers import parse_page, squeeze_html

# the least valid case leaves fields out that templates show as nothing
pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["edit-case", "edit-finding", "edit-lesson", "case", "lesson", "recommendation"]),
        st.integers(min_value=0, max_value=1),
    ),
    min_size=2,
    max_size=8,
)
# each sort of step, one edition above another, and words that differ from what is published when one asks: once at the
# beginning, once in the middle
PUBLISHED_IN_TURN = [
    *(("edit-case", 0), ("case", 0), ("edit-finding", 1), ("case", 1), ("edit-lesson", 0)),
    *(("lesson", 0), ("recommendation", 0), ("edit-case", 1), ("case", 1), ("lesson", 1)),
]


def written(moment):
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def words_of(answer):
    """What a page says, without the banner and the form that only a page of the past has."""
    main = parse_page(answer).find(".//main")
    for each in main.xpath(".//form | .//*[contains(@class, 'as-of')]"):
        if each.getparent() is not None:
            each.getparent().remove(each)
    return " ".join(main.text_content().split())


@pytest.mark.slow
def test_every_earlier_answer_stays_what_it_was(client):
    compare_with_earlier_answers(PUBLISHED_IN_TURN, client)


@pytest.mark.trials
@examples(6)
@given(steps=STEPS)
def test_it_stays_so_whatever_is_written_and_published(steps, client):
    compare_with_earlier_answers(steps, client)


def compare_with_earlier_answers(steps, client):
    people = [User.objects.get_or_create(username=name)[0] for name in ("writer", "reader")]
    cases = [factories.case() for _ in range(2)]
    lessons = [factories.lesson(case.findings.get()) for case in cases]
    recommendations = [factories.recommendation(lesson) for lesson in lessons]
    records = {"case": cases, "lesson": lessons, "recommendation": recommendations}
    moment = max(LedgerEntry.objects.last().at, timezone.now())
    addresses = [
        "/case-studies/",
        "/lessons/?phase=management",
        "/lessons/?evidence=changed",
        "/recommendations/?q=boards&order=newest",
        "/findings/?part_of=case-study&q=wording",
        "/search/?q=wording",
        "/api/v1/lessons/?limit=100",
        *(f"/case-studies/{case.slug}/" for case in cases),
        *(f"/lessons/{lesson.slug}/" for lesson in lessons),
        *(f"/recommendations/{each.slug}/" for each in recommendations),
        f"/lessons/{lessons[0].slug}/history/",
        f"/findings/{cases[0].findings.get().slug}/",
    ]
    answers = {}
    for records_of_kind in records.values():
        for record in records_of_kind:
            moment += dt.timedelta(seconds=1)
            submit_record(record=record, by=people[0], now=moment)
            publish_record(record=record, by=people[1], now=moment)
    for count, (step, which) in enumerate(steps):
        moment += dt.timedelta(seconds=1)
        if step == "edit-case":
            CaseStudy.objects.filter(pk=cases[which].pk).update(title=f"Wording {count}.")
        elif step == "edit-finding":
            CaseFinding.objects.filter(case=cases[which]).update(statement=f"Wording {count}.")
        elif step == "edit-lesson":
            Lesson.objects.filter(pk=lessons[which].pk).update(statement=f"Wording {count}.")
        else:
            record = records[step][which]
            record.refresh_from_db()
            submit_record(record=record, by=people[0], now=moment)
            publish_record(record=record, by=people[1], now=moment)
        if count in (0, len(steps) // 2):
            for address in addresses:
                asked = f"{address}{'&' if '?' in address else '?'}as_of={written(moment)}"
                answer = client.get(asked)
                assert answer.status_code == 200, asked
                answers[asked] = answer.content
                if not address.startswith("/api/"):  # and it says what readers were told without a date just then
                    assert words_of(answer) == words_of(client.get(address)), asked
    for asked, content in answers.items():
        assert client.get(asked).content == content, asked


@pytest.fixture
def edited(researcher, publisher):
    """A moment after which a case got a new title."""
    before = timezone.now()
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title = "A new title"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    return written(before)


@pytest.mark.slow
def test_a_page_of_the_past_says_so_and_leads_back(edited, client):
    answer = client.get(f"/case-studies/hmp-birmingham/?as_of={edited}")
    page = parse_page(answer)
    banner = page.find(".//main//div[@role='note']")
    assert "As it stood on" in "".join(banner.itertext())
    assert banner.find(".//a").get("href") == "/case-studies/hmp-birmingham/"
    assert "A new title" not in answer.content.decode()
    assert "You are reading edition 1" not in answer.content.decode()  # it was the current one then
    assert "As it stood on" not in client.get("/case-studies/hmp-birmingham/").content.decode()


@pytest.mark.slow
def test_a_history_of_the_past_marks_the_edition_that_was_current_then(edited, client):
    address = "/case-studies/hmp-birmingham/history/"
    marked = r'/v(\d)/(?:\?[^"]*)?">Edition \d</a><span class="count">current'
    assert re.findall(marked, squeeze_html(client.get(f"{address}?as_of={edited}"))) == ["1"]
    assert re.findall(marked, squeeze_html(client.get(address))) == ["2"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    [
        "/case-studies/hmp-birmingham/",
        "/case-studies/",
        "/lessons/",
        "/case-studies/hmp-birmingham/history/",
        "/search/?q=prison",
    ],
)
def test_every_link_into_the_library_carries_the_date(address, client):
    asked = f"{address}{'&' if '?' in address else '?'}as_of=2026-12-01"
    plural = "|".join(kind.address for kind in KINDS.values())
    carried = set()
    for link in parse_page(client.get(asked)).findall(".//a"):
        target = link.get("href").partition("#")[0]
        if link.get("data-now") is None and re.fullmatch(
            rf"/({plural}|search)/([a-z0-9-]+/(history/)?)?(\?.*)?", target
        ):
            assert "as_of=2026-12-01" in target, target
            carried.add(target)
    assert len(carried) > 5
    for target in some_of(sorted(carried), 8):
        assert client.get(target).status_code in (200, 302), target
    searches = parse_page(client.get(asked)).findall(".//header//input[@name='as_of']")
    assert [field.get("value") for field in searches] == ["2026-12-01"]


def test_a_date_is_added_once_and_only_where_it_belongs(rf):
    request = rf.get("/lessons/")
    set_moment(request, Moment("2026-12-01", timezone.now()))
    same = (
        "/api/v1/lessons/",
        "/lessons/x/v2/",
        "https://example.org/lessons/",
        "//example.org/lessons/",
        "/lessons/?as_of=2020-01-01",
        "#lessons",
        "/lessons/export.csv",
        "/nothing/",
    )
    for address in same:
        assert carry_moment(address, request) == address
    assert carry_moment("/lessons/a-b/#c", request) == "/lessons/a-b/?as_of=2026-12-01#c"
    assert carry_moment("/lessons/?q=a&theme=b", request) == "/lessons/?q=a&theme=b&as_of=2026-12-01"
    now = Template("{% link 'list' 'lessons' as_of='' %} {% link 'list' 'lessons' q='a' %}")
    assert now.render(RequestContext(request)) == "/lessons/ /lessons/?q=a&amp;as_of=2026-12-01"


def test_what_was_not_published_yet_says_since_when_it_exists(client):
    for tail in ("", "history/", "v1/"):
        answer = client.get(f"/case-studies/hmp-birmingham/{tail}?as_of=2001-01-01")
        assert answer.status_code == 404
        assert "It has existed since" in answer.content.decode()
    assert client.get("/case-studies/never-was/?as_of=2001-01-01").status_code == 404
    assert "had been published then" in client.get("/lessons/?as_of=2001-01-01").content.decode()


@pytest.mark.slow
def test_what_was_withdrawn_since_is_not_read_in_the_past_either(client, researcher, publisher):
    case = factories.case(title="Gone case")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    then = written(timezone.now())
    assert "What happened." in client.get(f"/case-studies/{case.slug}/?as_of={then}").content.decode()
    withdraw_record(record=case, by=publisher, note="A source was false.")
    for tail in ("", "v1/", "history/"):
        answer = client.get(f"/case-studies/{case.slug}/{tail}?as_of={then}")
        assert answer.status_code == 410
        assert "A source was false." in answer.content.decode()
        assert "What happened." not in answer.content.decode()
    listed = client.get(f"/case-studies/?as_of={then}").content.decode()
    assert "What happened." not in listed
    assert "Withdrawn since" in listed
    assert f"/case-studies/{case.slug}/" in listed
    assert "Gone case" not in client.get(f"/search/?q=gone&as_of={then}").content.decode().split("<h2")[-1]
    download = client.get(f"/case-studies/export.json?as_of={then}")
    assert b"Gone case" not in b"".join(download.streaming_content)
    assert b"Gone case" not in client.get(f"/api/v1/case-studies/?limit=100&as_of={then}").content


@pytest.mark.slow
def test_evidence_that_changed_later_had_not_changed_then(client, researcher, publisher):
    before = written(timezone.now())
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    finding = case.findings.first()
    finding.statement += " Again."
    finding.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    lesson = finding.bearings.first().lesson
    for address in (f"/lessons/{lesson.slug}/", "/lessons/"):
        assert "Evidence has changed since" in client.get(address).content.decode()
        assert "Evidence has changed since" not in client.get(f"{address}?as_of={before}").content.decode()
    assert client.get(f"/lessons/?evidence=changed&as_of={before}").content.count(b"<article") == 0


@pytest.mark.slow
def test_a_moved_record_is_found_where_it_stood(client, researcher, publisher):
    case = factories.case(title="A case that moves")
    old = case.slug
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    then = written(timezone.now())
    case.slug = f"{old}-new"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    assert client.get(f"/case-studies/{old}/?as_of={then}").status_code == 200
    moved = client.get(f"/case-studies/{case.slug}/?as_of={then}")
    assert moved.status_code == 302
    assert moved["Location"].startswith(f"/case-studies/{old}/?as_of=")


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-02-30", "2026-13-01", "x" * 5000, "2026-11-25T10:00:00", "%00", "<b>"]
)
@pytest.mark.parametrize(
    "address", ["/lessons/", "/case-studies/hmp-birmingham/", "/case-studies/hmp-birmingham/history/", "/search/"]
)
def test_a_date_that_is_none_is_explained(text, address, client):
    answer = client.get(f"{address}?as_of={text}")
    assert answer.status_code == 400
    assert "a day such as 2026-11-25" in answer.content.decode()
    assert "<b>" not in answer.content.decode()
    assert client.get(f"{address}?as_of=2026-12-01&as_of=2026-12-02").status_code == 400


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00%2B14:00",
        "2026-11-25T10:00:00%2B23:59",
    ],
)
def test_the_ends_of_time_are_answered(text, client):
    for address in (
        "/lessons/",
        "/search/?q=staff",
        "/case-studies/hmp-birmingham/",
        "/case-studies/hmp-birmingham/history/",
    ):
        answer = client.get(f"{address}{'&' if '?' in address else '?'}as_of={text}")
        assert answer.status_code in (200, 404), address


@pytest.mark.slow
def test_a_page_of_the_past_costs_five_queries(client):
    for edition in Edition.objects.current().of_kind("case-study", "lesson", "recommendation").without_text()[:12]:
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/{KINDS[edition.kind].address}/{edition.slug}/?as_of=2026-12-01")
        assert answer.status_code == 200
        assert len(captured) <= 5  # one of them for what readers sent in about it, one for themes and glossary
