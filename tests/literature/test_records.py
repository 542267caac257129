"""What helps a team to screen: the list of records, notes and labels, marked words, a pilot round, a ranking."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from failure_lessons.coding.services import attach_document
from literature.models import Candidate, Screening, ScreeningNote, ScreeningPlan
from literature.prisma import NOT_RETRIEVED, compute_prisma_flow
from literature.screening.flow import count_flow
from literature.screening.marking import mark_words
from literature.screening.queue import next_to_vote_on
from literature.screening.ranking import rank_records, read_ranking, write_for_ranking
from literature.screening.records import decide_by_hand, note_on_record, records_of_review, take_out_record
from literature.screening.services import CannotScreen, add_candidates, cast_vote
from tests import factories
from tests.helpers import count_queries

pytestmark = pytest.mark.django_db
TITLE, FULL = "title-abstract", "full-text"


@pytest.fixture
def records(review, ann):
    made = [factories.reference(f"Zebra {place}", abstract="Stripes.") for place in range(6)]
    add_candidates(review=review, references=made, by=ann, origin="A test")
    return made


def vote(review, record, by, decision="include", stage=TITLE):
    reason = "No evidence." if decision == "exclude" else ""
    return cast_vote(review=review, reference=record, stage=stage, decision=decision, reason=reason, by=by)


def page_of(review, page, query=""):
    return reverse(f"admin:literature_review_{page}", args=[review.pk]) + query


def test_the_list_filters_by_what_counts_and_by_ones_own_votes(review, records, ann, ben):
    vote(review, records[0], ann)
    vote(review, records[0], ben)
    vote(review, records[1], ann, "exclude")
    vote(review, records[1], ben, "exclude")
    vote(review, records[2], ann)
    vote(review, records[2], ben, "exclude")
    vote(review, records[3], ben, "maybe")
    found = {
        standing: [records.index(each) for each in records_of_review(review, ann, standing=standing)]
        for standing in ("", "include", "exclude", "undecided", "mine", "conflict", "voted-include", "voted-maybe")
    }
    assert found == {
        "": [0, 1, 2, 3, 4, 5],
        "include": [0],
        "exclude": [1],
        "undecided": [2, 3, 4, 5],
        "mine": [3, 4, 5],
        "conflict": [2],
        "voted-include": [0, 2],
        "voted-maybe": [],
    }
    assert [each.title for each in records_of_review(review, ann, words=f"zebra {records[4].slug}")] == ["Zebra 4"]
    assert list(records_of_review(review, ann, stage=FULL)) == [records[0]]


@pytest.mark.slow
def test_the_list_tells_no_vote_of_others(review, records, ann, ben, browser_of):
    cast_vote(review=review, reference=records[0], stage=TITLE, decision="exclude", reason="Secret reason.", by=ben)
    note_on_record(review=review, reference=records[0], labels="Secret label", text="Secret note.", by=ben)
    for standing in ("", "undecided", "mine", "voted-exclude", "nonsense"):
        assert "Secret" not in browser_of(ann).get(page_of(review, "records"), {"standing": standing}).content.decode()
    assert "Secret" not in browser_of(ann).get(page_of(review, "records"), {"label": "Secret"}).content.decode()[-2000:]
    vote(review, records[0], ann)
    assert "Secret note." in browser_of(ann).get(page_of(review, "records")).content.decode()
    assert "Secret label" in browser_of(ann).get(page_of(review, "conflicts")).content.decode()


def test_the_list_costs_the_same_for_many(review, records, ann, browser_of):
    desk = browser_of(ann)
    desk.get(page_of(review, "records"))
    few = count_queries(desk.get, page_of(review, "records"))
    more = [factories.reference(f"More {place}") for place in range(60)]
    add_candidates(review=review, references=more, by=ann, origin="A test")
    assert count_queries(desk.get, page_of(review, "records")) == few
    assert "Page 1 of 2" in desk.get(page_of(review, "records")).content.decode()


def test_a_note_is_kept_and_taken_away_on_the_page_of_the_record(review, records, ann, browser_of):
    desk, address = browser_of(ann), page_of(review, "screen")
    before = desk.get(address).context["before"]
    sent = {
        "record": records[0].pk,
        "before": before,
        "remember": "1",
        "labels": "Wales\n\n Wales \nOld",
        "text": "Ask Ben.",
    }
    page = desk.post(address, sent, follow=True)
    assert page.context["record"] == records[0]
    assert ScreeningNote.objects.get().label_list == ["Wales", "Old"]
    assert "Ask Ben." in page.content.decode()
    desk.post(address, {**sent, "labels": "", "text": " "})
    assert not ScreeningNote.objects.exists()
    with pytest.raises(CannotScreen, match="60 characters"):
        note_on_record(review=review, reference=records[0], labels="x" * 61, text="", by=ann)
    with pytest.raises(CannotScreen, match="not among"):
        note_on_record(review=review, reference=factories.reference(), labels="x", text="", by=ann)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (
            "Failing schools & prisons",
            'Failing <mark class="for">schools</mark> &amp; <mark class="against">prisons</mark>',
        ),
        ("School, preschools", "School, preschools"),
        ("Special  measures!", '<mark class="for">Special  measures</mark>!'),
        ("Imprisoned prisoners", 'Imprisoned <mark class="against">prisoners</mark>'),
        ("<script>schools</script>", '&lt;script&gt;<mark class="for">schools</mark>&lt;/script&gt;'),
    ],
)
def test_words_are_marked_and_nothing_else_becomes_markup(text, marked):
    plan = ScreeningPlan(words_for="schools\nspecial measures\n\n*", words_against="prison*\n(((")
    assert mark_words(text, plan) == marked
    assert mark_words("<b>", ScreeningPlan()) == "&lt;b&gt;"


def test_a_pilot_round_comes_first_and_then_all_others(review, records, ann, ben, browser_of):
    plan = ScreeningPlan.objects.create(review=review, pilot=2, unblinding="stage")
    for record in records[:2]:
        vote(review, record, ann)
    assert next_to_vote_on(review, TITLE, ann) is None
    page = browser_of(ann).get(page_of(review, "screen"))
    assert "You have screened the pilot round" in page.content.decode()
    assert page.context["progress"].waiting == 0
    vote(review, records[0], ben, "exclude")
    hidden = browser_of(ann).get(page_of(review, "conflicts"))
    assert not hidden.context["conflicts"]
    assert "No evidence." not in hidden.content.decode()
    vote(review, records[1], ben)
    assert len(browser_of(ann).get(page_of(review, "conflicts")).context["conflicts"]) == 1
    plan.pilot_ended = True
    plan.save()
    assert next_to_vote_on(review, TITLE, ann) == records[2]
    assert not browser_of(ann).get(page_of(review, "conflicts")).context["conflicts"], "others wait again"


def test_a_ranking_is_taken_back_and_votes_stay(review, records, ann, ben, browser_of):
    vote(review, records[0], ann)
    vote(review, records[0], ben)
    vote(review, records[1], ben)
    rows = list(csv.DictReader(io.StringIO(write_for_ranking(review).decode())))
    assert [row["title"] for row in rows] == [each.title for each in records]
    assert [row["included"] for row in rows] == ["1", "", "", "", "", ""], "one vote is nobody's business"
    out = io.StringIO()
    writer = csv.DictWriter(out, [*rows[0], "asreview_ranking"])
    writer.writeheader()
    writer.writerows([{**row, "asreview_ranking": len(rows) - place} for place, row in enumerate(rows)][:5])
    writer.writerow({"key": "no-such-key", "asreview_ranking": 9})
    file = SimpleUploadedFile("ranked.csv", out.getvalue().encode(), "text/csv")
    answer = browser_of(ann).post(page_of(review, "screening_plan"), {"rank": "1", "ranking": file}, follow=True)
    assert "5 records stand in the order of the ranking. 1 keys" in answer.content.decode()
    assert [each.reference for each in Candidate.objects.filter(review=review)] == [*records[4::-1], records[5]]
    assert next_to_vote_on(review, TITLE, ann) == records[5], "beyond the newest vote first"
    assert next_to_vote_on(review, TITLE, ben) in (records[0], records[5])
    assert "ranked.csv" in answer.content.decode()


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"title\nZebra", b'key\n"', b"key\nnobody\n", b"\xff\xfe"])
def test_a_file_that_is_no_ranking_is_refused(review, records, data):
    with pytest.raises(CannotScreen):
        rank_records(review=review, keys=read_ranking(data), name="x")


def test_formulas_leave_as_text(review, ann):
    record = factories.reference("=1+1")
    add_candidates(review=review, references=[record], by=ann, origin="A test")
    assert "'=1+1" in write_for_ranking(review).decode()


@pytest.mark.slow
def test_who_may_what_on_the_pages_of_records(review, records, ann, cat, browser_of):
    for page in ("records", "screening_plan"):
        assert browser_of(cat).get(page_of(review, page)).status_code == 200
        assert browser_of(cat).post(page_of(review, page), {}).status_code == 403
    assert browser_of(cat).get(page_of(review, "asreview")).status_code == 403
    assert browser_of(ann).get(page_of(review, "asreview"))["Content-Type"].startswith("text/csv")
    sent = {"words_for": "zebra", "words_against": "", "pilot": "1001", "unblinding": "both"}
    assert browser_of(ann).post(page_of(review, "screening_plan"), sent).status_code == 422
    assert browser_of(ann).post(page_of(review, "screening_plan"), {**sent, "pilot": "20"}).status_code == 302
    assert '<mark class="for">Zebra</mark>' in browser_of(ann).get(page_of(review, "screen")).content.decode()


def test_a_decision_is_written_by_hand_where_nobody_votes(review, records, ann, browser_of):
    address, sent = page_of(review, "records"), {"stage": TITLE, "decision": "exclude", "reason": "Off topic."}
    other = factories.reference("By hand")
    for key in (other.slug, records[0].slug):
        browser_of(ann).post(address, {**sent, "key": key})
    assert Screening.objects.filter(review=review, decision="exclude", reason="Off topic.").count() == 2
    assert (
        "no reference with this key"
        in browser_of(ann).post(address, {**sent, "key": "x"}, follow=True).content.decode()
    )
    decide_by_hand(review=review, reference=other, stage=TITLE, decision="", note="", by=ann)
    assert not Screening.objects.filter(reference=other).exists()
    browser_of(ann).post(address, {"out": records[1].pk})
    assert not Candidate.objects.filter(reference=records[1]).exists()
    vote(review, records[2], ann)
    for record in (records[0], records[2]):
        with pytest.raises(CannotScreen, match="it stays"):
            take_out_record(review=review, reference=record, by=ann)


def test_the_flow_says_what_is_not_decided_yet(review, records, ann, ben):
    review.searches.create(source="A base", query="zebra", date_run="2026", records_found=10)
    flow = count_flow(review)
    assert (flow["removed_before_screening"], flow["records_not_yet_screened"], flow["studies_included"]) == (4, 6, 0)
    for record in records[:4]:
        vote(review, record, ann)
        vote(review, record, ben)
    flow = count_flow(review)
    assert (flow["records_screened"], flow["records_not_yet_screened"]) == (4, 2)
    assert (flow["reports_sought"], flow["reports_not_yet_assessed"], flow["studies_included"]) == (4, 4, 0)
    for record, decision in zip(records[:3], ("include", "exclude", "lost"), strict=True):
        for person in (ann, ben):
            if decision == "lost":
                about = {"review": review, "reference": record, "stage": FULL}
                cast_vote(**about, decision="exclude", reason=NOT_RETRIEVED, by=person)
            else:
                vote(review, record, person, decision, FULL)
    flow = count_flow(review)
    told = {name: flow[name] for name in flow if name.startswith("reports") or name == "studies_included"}
    assert told == {
        "reports_sought": 4,
        "reports_not_retrieved": 1,
        "reports_not_yet_assessed": 1,
        "reports_assessed": 2,
        "reports_excluded": 1,
        "studies_included": 1,
    }


def test_what_was_not_retrieved_has_a_box_of_its_own():
    rows = [{"ref": ref, "stage": TITLE, "decision": "include", "reason": "Fits."} for ref in "ab"]
    rows += [
        {"ref": "a", "stage": FULL, "decision": "exclude", "reason": NOT_RETRIEVED},
        {"ref": "b", "stage": FULL, "decision": "exclude", "reason": "No data."},
    ]
    flow = compute_prisma_flow([{"records_found": 2}], rows)
    names = ("reports_sought", "reports_not_retrieved", "reports_assessed", "reports_excluded", "studies_included")
    assert [flow[name] for name in names] == [2, 1, 1, 1, 0]


def test_the_full_text_stands_beside_its_vote(review, records, ann, ben, browser_of):
    for person in (ann, ben):
        vote(review, records[0], person)
    attach_document(reference=records[0], name="zebra.txt", data=b"Stripes were counted twice.", by=ann)
    page = browser_of(ann).get(page_of(review, "screen", f"?stage={FULL}")).content.decode()
    assert "Stripes were counted twice." in page
    assert "could not be retrieved" in page
    browser_of(ann).post(page_of(review, "screen", f"?stage={FULL}"), {"record": records[0].pk, "lost": "1"})
    assert review.votes.get(stage=FULL).reason == NOT_RETRIEVED
