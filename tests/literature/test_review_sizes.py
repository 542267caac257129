"""What a review of five thousand records costs beside one of fifty, as ratios taken in turns: rows are written by SQL."""

import itertools
import time
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from literature.extracting.defining import define_extraction_form
from literature.importing.services import finish_import, stage_import
from literature.models import EligibilityCriterion, LiteratureReview, ScreeningVote
from tests.literature.test_extracting import QUESTIONS
from tests.recommendations.test_dossier_sizes import time_in_turns

pytestmark = [pytest.mark.django_db, pytest.mark.trials, pytest.mark.timeout(1800)]
FEW, MANY = 50, 5000
MOST_QUERIES, MOST_BYTES = 40, 200_000
REFERENCES = """
    insert into literature_reference
        (slug, record_id, state, type, title, author, issued, container_title, publisher, doi, isbn, url, abstract, note,
         csl, licence, edited_at, submitted_sha256, review_note)
    select %(slug)s || '-' || n, gen_random_uuid(), 'draft', 'article-journal', 'Zebra ' || n || ' in care',
           '[{"family": "Grant", "given": "A."}]', '{"date-parts": [[2016]]}', 'Journal of Zebras', '', '', '', '',
           repeat('Stripes were counted. ', 30), '', '{}', '', now(), '', ''
    from generate_series(1, %(many)s) n returning id
"""
# of the records 40 in 100 are settled by two votes, half of them kept; 10 stand in conflict; 20 have ann's vote alone
ROWS = """
    create temporary table r on commit drop as
        select id, place, place * 100 / %(many)s part
        from (select id, row_number() over (order by id) - 1 place from literature_reference where slug like %(slugs)s) x;
    insert into literature_candidate (review_id, reference_id, origin, added_by_id, added_at, place)
        select %(review)s, id, 'SQL', %(ann)s, now(), place + 1 from r;
    insert into literature_screeningvote (review_id, reference_id, stage, screener_id, decision, reason, at)
        select %(review)s, id, 'title-abstract', who,
               case when part < 40 and place %% 2 = 1 or part between 40 and 49 and who = %(ben)s then 'exclude'
                    else 'include' end,
               'No evidence.', now() - interval '1 day' + place * interval '1 second'
        from r cross join (values (%(ann)s), (%(ben)s)) p (who) where part < 50 or part < 70 and who = %(ann)s;
    insert into literature_screening (review_id, reference_id, stage, decision, reason, position)
        select %(review)s, id, 'title-abstract', case when place %% 2 = 0 then 'include' else 'exclude' end,
               'No evidence.', 32767 from r where part < 40;
    insert into literature_screening (review_id, reference_id, stage, decision, reason, position)
        select %(review)s, id, 'full-text', case when place %% 20 = 0 then 'include' else 'exclude' end,
               'No evidence.', 32767 from r where part < 40 and place %% 4 = 0;
    drop table r;
"""


def make_review(many, ann, ben):
    """A review half screened, with so many records."""
    review = LiteratureReview.objects.create(
        slug=f"zebras-{many}", title=f"Zebras {many}", question="Why?", review_type="scoping-review", sector="education"
    )
    for place, (decision, text) in enumerate([("include", "About zebras."), ("exclude", "No evidence.")]):
        EligibilityCriterion.objects.create(review=review, decision=decision, text=text, position=place)
    with connection.cursor() as cursor:
        cursor.execute(REFERENCES, {"slug": review.slug, "many": many})
        told = {"review": review.pk, "ann": ann.pk, "ben": ben.pk, "slugs": f"{review.slug}-%", "many": many}
        cursor.execute(ROWS, told)
    return review


@pytest.fixture
def sizes(ann, ben):
    """The same review with few records and with many."""
    found = [make_review(many, ann, ben) for many in (FEW, MANY)]
    for review in found:
        define_extraction_form(review=review, questions=QUESTIONS, by=ann)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
        cursor.execute("set local max_parallel_workers_per_gather = 0")  # one process, whose time can be told
    return found


def address_of(page, review, query=""):
    return reverse(f"admin:literature_review_{page}", args=[review.pk]) + query


def vote_and_go_on(desk, review):
    """A screener votes on the record before them, gets the next one, and all is put back."""
    address, decisions = address_of("screen", review), itertools.cycle(("include", "exclude"))

    def work():
        with transaction.atomic():
            record = desk.get(address).context["record"]
            sent = {"record": record.pk, "decision": next(decisions), "note": "As I read it."}
            assert desk.post(address, sent).status_code == 302
            assert ScreeningVote.objects.filter(review=review, reference=record).exists()
            transaction.set_rollback(True)

    return work


def test_the_form_of_a_review_does_not_hold_its_decisions(sizes, browser_of, admin_user):
    desk = browser_of(admin_user)
    addresses = [reverse("admin:literature_literaturereview_change", args=[review.pk]) for review in sizes]
    few, many = time_in_turns(*(partial(desk.get, address) for address in addresses), rounds=5)
    print(f"the form {many / few:.2f} ({few / 1e6:.1f} ms, {many / 1e6:.1f} ms)")  # noqa: T201
    assert many <= 2 * few  # what it includes grows with what was screened; what it left out costs nothing
    for review in sizes:
        address = reverse("admin:literature_literaturereview_change", args=[review.pk])
        with CaptureQueriesContext(connection) as captured:
            desk.get(address)
        queries = sum("SAVEPOINT" not in each["sql"] for each in captured)  # those are of the test's transaction
        page = desk.get(address)
        print(review, queries, len(page.content))  # noqa: T201  # a trial tells its figures
        assert queries < MOST_QUERIES
        assert len(page.content) < MOST_BYTES


PAGES = (
    ("screen", "?stage=full-text"),
    ("conflicts", ""),
    ("records", ""),
    ("records", "?standing=mine"),
    ("records", "?q=zebra+49"),
    ("desk", ""),
    ("appraise", ""),
    ("extract", ""),
    ("profile", ""),
)


def test_a_vote_and_the_next_record_cost_what_they_cost_at_fifty(sizes, browser_of, ann):
    desk = browser_of(ann)
    few, many = time_in_turns(*(vote_and_go_on(desk, review) for review in sizes))
    print(f"a vote and the next record: {many / few:.2f} ({few / 1e6:.1f} ms, {many / 1e6:.1f} ms)")  # noqa: T201
    assert many <= 1.25 * few


def test_no_page_of_a_review_grows_with_its_records(sizes, browser_of, ann):
    desk = browser_of(ann)
    ratios = {}
    for page, query in PAGES:
        works = [partial(desk.get, address_of(page, review, query)) for review in sizes]
        one, other = time_in_turns(*works, rounds=5)
        ratios[page + query] = (round(other / one, 2), round(one / 1e6, 1), [len(work().content) for work in works])
    print(ratios)  # noqa: T201  # a trial tells its figures
    assert all(max(lengths) < MOST_BYTES for _, _, lengths in ratios.values())
    assert ratios["profile"][0] <= 2
    assert ratios["desk"][0] <= 2


RIS = """TY  - JOUR
TI  - {words} in the care of town {number}
AU  - Grant, A.
PY  - {year}
JO  - Journal {place}
AB  - {abstract}
ER  -
"""
WORDS = ("Stripes", "Manes", "Hooves", "Herds", "Foals", "Water", "Grass", "Dust", "Night", "Winter", "Lions")


def import_once(by, many):
    """How long it takes to stage, look at and take in so many references, in seconds of the wall."""
    entries = [
        RIS.format(
            words=f"{WORDS[number % 11]} and {WORDS[number // 11 % 11].lower()} {number * 7919 % 100003}",
            number=number,
            year=1990 + number % 30,
            place=number % 97,
            abstract="They were counted by two people. " * 20,
        )
        for number in range(many)
    ]
    began = time.perf_counter()
    with transaction.atomic():
        staged = stage_import(name="many.ris", data="\n".join(entries).encode(), by=by)
        taken = finish_import(staged=staged, by=by)
        transaction.set_rollback(True)
    assert sum(each["action"] == "import" for each in taken) > many * 0.99
    return time.perf_counter() - began


def test_importing_many_costs_a_record_at_most_twice_what_importing_few_costs(ann):
    few = min(import_once(ann, 500) for _ in range(3))
    many = import_once(ann, 5000)
    print(f"500 references {few:.2f} s, 5,000 {many:.2f} s: {many / 10 / few:.2f} a record")  # noqa: T201
    assert many / 10 <= 2 * few
