"""Two screen without seeing each other; what they agree on or settle counts, once, and the flow follows."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from failure_lessons.publishing.renditions import render_records
from literature.merging.services import merge_references
from literature.models import (
    Candidate,
    LiteratureReview,
    Reference,
    ReferenceImport,
    Screening,
    ScreeningResolution,
    ScreeningVote,
    Search,
)
from literature.screening.queue import count_screening_progress, open_conflicts, records_to_vote_on, screener_agreements
from literature.screening.services import (
    CannotScreen,
    add_candidates,
    add_from_import,
    cast_vote,
    confirm_resolution,
    resolve_conflict,
    take_back,
)
from tests import factories
from tests.helpers import count_queries

pytestmark = pytest.mark.django_db
TITLE, FULL = "title-abstract", "full-text"


@pytest.fixture
def records(review, ann):
    made = [factories.reference(f"Zebra {place}") for place in range(4)]
    add_candidates(review=review, references=made, by=ann, origin="A test")
    return made


@pytest.fixture
def votes(review):
    """Casts a vote."""

    def cast(record, by, decision, reason="", stage=TITLE):
        return cast_vote(review=review, reference=record, stage=stage, decision=decision, reason=reason, by=by)

    return cast


def the(review, record, stage=TITLE):
    row = Screening.objects.filter(review=review, reference=record, stage=stage).first()
    return row and (row.decision, row.reason)


def test_two_who_agree_make_the_decision_that_counts(review, records, votes, ann, ben):
    votes(records[0], ann, "include")
    assert the(review, records[0]) is None
    votes(records[0], ben, "include", "Fits.")
    assert the(review, records[0]) == ("include", "Fits.")
    votes(records[1], ben, "exclude", "No evidence.")
    votes(records[1], ann, "exclude", "Not about zebras.")
    assert the(review, records[1]) == ("exclude", "No evidence.; Not about zebras.")
    flow = render_records([review])[0].derived["prisma"]
    names = ("records_screened", "records_excluded", "reports_not_yet_assessed", "studies_included")
    assert [flow[name] for name in names] == [2, 1, 1, 0]  # its full text is not read yet


def test_maybe_keeps_a_record_for_the_full_text(review, records, votes, ann, ben):
    votes(records[0], ann, "maybe")
    votes(records[0], ben, "maybe")
    assert the(review, records[0]) == ("include", "Kept for the full text to decide.")
    assert list(records_to_vote_on(review, FULL, ann)) == [records[0]]
    with pytest.raises(CannotScreen, match="full text decides"):
        votes(records[0], ann, "maybe", stage=FULL)
    votes(records[1], ann, "maybe")
    votes(records[1], ben, "exclude", "No evidence.")
    assert the(review, records[1]) is None


def test_full_texts_are_excluded_for_one_reason(review, records, votes, ann, ben):
    for person in (ann, ben):
        votes(records[0], person, "include")
    votes(records[0], ann, "exclude", "No evidence.", stage=FULL)
    votes(records[0], ben, "exclude", "Not about zebras.", stage=FULL)
    assert the(review, records[0], FULL) is None
    [conflict] = open_conflicts(review)
    assert conflict.about_reason


def test_a_record_waits_for_its_second_screener_and_no_third(review, records, votes, ann, ben, person):
    third = person("third", "researcher")
    assert list(records_to_vote_on(review, TITLE, ann)) == records
    votes(records[0], ann, "include")
    assert list(records_to_vote_on(review, TITLE, ann)) == records[1:]
    assert list(records_to_vote_on(review, TITLE, ben)) == records
    votes(records[0], ben, "exclude", "No evidence.")
    assert records[0] not in records_to_vote_on(review, TITLE, third)
    with pytest.raises(CannotScreen, match="Two others have voted"):
        votes(records[0], third, "include")
    counted = count_screening_progress(review, TITLE, ann)
    assert (counted.total, counted.decided, counted.mine, counted.waiting, counted.conflicts) == (4, 0, 1, 3, 1)


def test_the_same_vote_twice_is_one_and_another_is_refused(review, records, votes, ann):
    first = votes(records[0], ann, "include")
    assert votes(records[0], ann, "include") == first
    with pytest.raises(CannotScreen, match="voted on this record already"):
        votes(records[0], ann, "exclude", "No evidence.")
    assert ScreeningVote.objects.get().decision == "include"


@pytest.mark.parametrize(
    ("stage", "decision", "reason", "words"),
    [
        (TITLE, "exclude", "  ", "why the record is excluded"),
        (TITLE, "exclude", "x" * 2001, "at most 2000"),
        (TITLE, "perhaps", "", "Choose to include"),
        ("abstract", "include", "", "Choose to include"),
        (FULL, "include", "", "does not wait"),
    ],
)
def test_a_vote_that_makes_no_sense_is_refused(review, records, votes, ann, stage, decision, reason, words):
    with pytest.raises(CannotScreen, match=words):
        votes(records[0], ann, decision, reason, stage=stage)
    assert not ScreeningVote.objects.exists()


def test_the_database_refuses_what_the_verb_refuses(review, records, ann):
    row = {"review": review, "reference": records[0], "screener": ann, "at": timezone.now()}
    for values, name in (
        ({"stage": TITLE, "decision": "exclude"}, "a_vote_to_exclude_has_a_reason"),
        ({"stage": FULL, "decision": "maybe"}, "maybe_is_for_titles_and_abstracts"),
        ({"stage": TITLE, "decision": "perhaps"}, "a_vote_has_a_known_decision"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ScreeningVote.objects.create(**row, **values)
    ScreeningVote.objects.create(**row, stage=TITLE, decision="include")
    with pytest.raises(IntegrityError, match="a_screener_votes_once_on_a_record"), transaction.atomic():
        ScreeningVote.objects.create(**row, stage=TITLE, decision="maybe")
    resolution = {"review": review, "reference": records[0], "stage": TITLE, "decision": "include", "by": ann}
    for values, name in (
        ({"reason": ""}, "a_resolution_has_a_reason"),
        ({"reason": "R", "confirmed_by": ann}, "nobody_confirms_their_own_resolution"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ScreeningResolution.objects.create(**resolution, **values, at=timezone.now())


def test_a_vote_is_taken_back_with_the_decision_that_followed(review, records, votes, ann, ben):
    votes(records[0], ann, "include")
    votes(records[0], ben, "include")
    take_back(review=review, stage=TITLE, by=ben)
    assert the(review, records[0]) is None
    assert ScreeningVote.objects.get().screener == ann
    votes(records[0], ben, "exclude", "No evidence.")
    assert len(open_conflicts(review)) == 1


def test_a_vote_stands_after_ten_minutes_a_resolution_or_the_full_text(review, records, votes, ann, ben):
    votes(records[0], ann, "include")
    with pytest.raises(CannotScreen, match="no vote of yours"):
        take_back(review=review, stage=TITLE, by=ann, now=timezone.now() + dt.timedelta(minutes=11))
    with pytest.raises(CannotScreen, match="no vote of yours"):
        take_back(review=review, stage=TITLE, by=ben)
    votes(records[0], ben, "include")
    votes(records[0], ann, "include", stage=FULL)
    with pytest.raises(CannotScreen, match="full text of this record"):
        take_back(review=review, stage=TITLE, by=ben)
    votes(records[1], ann, "include")
    votes(records[1], ben, "exclude", "No evidence.")
    resolve_conflict(review=review, reference=records[1], stage=TITLE, decision="include", reason="R.", by=ann)
    with pytest.raises(CannotScreen, match="begun to resolve"):
        take_back(review=review, stage=TITLE, by=ben)


def test_a_third_person_settles_a_conflict_at_once(review, records, votes, ann, ben, cat):
    votes(records[0], ann, "include")
    votes(records[0], ben, "exclude", "No evidence.")
    with pytest.raises(CannotScreen, match="has a reason"):
        resolve_conflict(review=review, reference=records[0], stage=TITLE, decision="include", reason=" ", by=cat)
    resolve_conflict(review=review, reference=records[0], stage=TITLE, decision="include", reason="It fits.", by=cat)
    assert the(review, records[0]) == ("include", "It fits.")
    assert open_conflicts(review) == []
    assert ScreeningVote.objects.count() == 2, "votes stay as they were cast"
    with pytest.raises(CannotScreen, match="no open conflict"):
        resolve_conflict(review=review, reference=records[0], stage=TITLE, decision="exclude", reason="No.", by=cat)


def test_the_two_settle_a_conflict_together(review, records, votes, ann, ben):
    votes(records[0], ann, "include")
    votes(records[0], ben, "exclude", "No evidence.")
    proposal = resolve_conflict(
        review=review, reference=records[0], stage=TITLE, decision="exclude", reason="Right.", by=ann
    )
    assert the(review, records[0]) is None
    with pytest.raises(CannotScreen, match="other of the two"):
        confirm_resolution(resolution=proposal, by=ann)
    newer = resolve_conflict(
        review=review, reference=records[0], stage=TITLE, decision="exclude", reason="No data.", by=ann
    )
    with pytest.raises(CannotScreen, match="replaced or settled"):
        confirm_resolution(resolution=proposal, by=ben)
    confirm_resolution(resolution=newer, by=ben)
    assert the(review, records[0]) == ("exclude", "No data.")
    with pytest.raises(CannotScreen, match="replaced or settled"):
        confirm_resolution(resolution=newer, by=ben)


def test_agreement_is_counted_from_votes_as_they_were_cast(review, records, votes, ann, ben, cat):
    for record, one, other in zip(
        records, ("include", "maybe", "include", "exclude"), ("include", "include", "exclude", "exclude"), strict=True
    ):
        votes(record, ann, one, "R." * (one == "exclude"))
        votes(record, ben, other, "R." * (other == "exclude"))
    resolve_conflict(review=review, reference=records[2], stage=TITLE, decision="include", reason="It fits.", by=cat)
    [pair] = screener_agreements(review)
    assert (pair.stage, pair.one, pair.other) == (TITLE, "ann", "ben")
    assert pair.agreement.table == ((2, 1), (0, 1))
    assert pair.agreement.kappa == pytest.approx(0.5)  # (3/4 - 1/2) / (1 - 1/2)


def test_an_import_is_added_whole_with_the_search_that_found_it(review, ann):
    search = Search.objects.create(
        review=review, source="Web", query="zebra", date_run="2026-01-02", records_found=3, position=0
    )
    new, known = factories.reference("New"), factories.reference("Known")
    staged = ReferenceImport.objects.create(
        name="zebras.ris",
        form="ris",
        encoding="UTF-8",
        made_by=ann,
        made_at=timezone.now(),
        state="done",
        result=[
            {"row": 1, "action": "import", "pk": new.pk},
            {"row": 2, "action": "skip", "pk": known.pk},
            {"row": 3, "action": "skip", "pk": None},
        ],
    )
    assert add_from_import(review=review, staged=staged, by=ann, search=search) == 2
    assert add_from_import(review=review, staged=staged, by=ann, search=search) == 0
    assert {(each.reference, each.search, each.origin) for each in review.candidates.all()} == {
        (new, search, "zebras.ris"),
        (known, search, "zebras.ris"),
    }


def test_what_was_decided_before_does_not_wait_again(ann):
    shipped = LiteratureReview.objects.filter(screenings__isnull=False).first()
    screened = Reference.objects.filter(screenings__review=shipped).distinct()
    assert add_candidates(review=shipped, references=screened, by=ann, origin="Again") == 0


def test_votes_leave_what_readers_get_hash_for_hash(ann, ben):
    shipped = LiteratureReview.objects.filter(screenings__isnull=False).first()
    record = factories.reference()
    add_candidates(review=shipped, references=[record], by=ann, origin="A test")
    before = render_records([shipped])[0].sha256
    cast_vote(review=shipped, reference=record, stage=TITLE, decision="include", by=ann)
    cast_vote(review=shipped, reference=record, stage=TITLE, decision="exclude", reason="No.", by=ben)
    assert render_records([shipped])[0].sha256 == before


def screen_of(review):
    return reverse("admin:literature_review_screen", args=[review.pk])


@pytest.mark.slow
def test_a_screener_goes_through_the_records_with_plain_buttons(review, records, browser_of, ann, ben):
    records[0].abstract, records[0].doi = "All about stripes.", "10.1234/z"
    records[0].save()
    desk, criterion = browser_of(ann), review.eligibility_criteria.last()
    page = desk.get(screen_of(review)).content.decode()
    for words in (
        "Zebra 0",
        "All about stripes.",
        "https://doi.org/10.1234/z",
        "About zebras.",
        "No evidence.",
        "4 to go",
    ):
        assert words in page
    sent = {"record": records[0].pk, "decision": "include"}
    page = desk.post(screen_of(review), sent, follow=True).content.decode()
    assert "Zebra 1" in page
    assert "3 to go" in page
    page = desk.post(screen_of(review), {"record": records[1].pk, "criterion": criterion.pk}, follow=True)
    assert ScreeningVote.objects.get(reference=records[1], screener=ann).reason == "No evidence."
    desk.post(screen_of(review), sent)  # the same button twice
    assert ScreeningVote.objects.count() == 2
    page = desk.post(screen_of(review), {"record": records[0].pk, "decision": "exclude", "note": "No."}, follow=True)
    assert "Undo that vote first" in page.content.decode()
    desk.post(screen_of(review), {"undo": "1"})
    assert not ScreeningVote.objects.filter(reference=records[1]).exists()


@pytest.mark.slow
def test_nobody_sees_the_other_vote_before_voting(review, records, votes, browser_of, ann, ben):
    votes(records[0], ann, "exclude", "Stripes are missing.")
    desk = browser_of(ben)
    pages = ["screen", "conflicts", "desk", "appraise", "profile"]
    addresses = [reverse(f"admin:literature_review_{page}", args=[review.pk]) for page in pages]
    addresses += [
        reverse(f"admin:literature_literaturereview_{page}", args=[review.pk]) for page in ("change", "history")
    ]
    for address in addresses:
        answer = desk.get(address)
        assert answer.status_code == 200
        assert "Stripes are missing" not in answer.content.decode(), address
    votes(records[0], ben, "include")
    assert "Stripes are missing" in desk.get(addresses[1]).content.decode()


@pytest.mark.slow
def test_a_page_that_is_stale_is_told_so(review, records, votes, browser_of, ann, ben, person):
    third = person("third", "researcher")
    criterion = review.eligibility_criteria.last()
    votes(records[0], ann, "include")
    votes(records[0], ben, "include")
    desk = browser_of(third)
    for sent, words in (
        ({"record": records[0].pk, "decision": "include"}, "decided while you looked at it"),
        ({"record": 10**12, "decision": "include"}, "no longer here"),
        ({"record": "x\0", "decision": "include"}, "no longer here"),
        ({"record": records[1].pk, "criterion": criterion.pk + 999}, "reason was changed"),
        ({"record": records[1].pk}, "Choose to include"),
    ):
        page = desk.post(screen_of(review), sent, follow=True)
        assert page.status_code == 200
        assert words in page.content.decode()
    note = {"record": records[1].pk, "decision": "exclude", "note": "A\0B"}
    desk.post(screen_of(review), note)
    assert ScreeningVote.objects.get(screener=third).reason == "AB"


def test_a_record_can_be_left_for_later(review, records, browser_of, ann):
    desk = browser_of(ann)
    first = Candidate.objects.order_by("pk").first()
    page = desk.get(screen_of(review), {"after": first.place}).content.decode()
    assert "Zebra 1" in page
    last = Candidate.objects.order_by("pk").last()
    assert "You have come to the end" in desk.get(screen_of(review), {"after": last.pk}).content.decode()
    assert desk.get(screen_of(review), {"after": "1e9", "stage": "nonsense"}).status_code == 200


@pytest.mark.slow
def test_conflicts_are_settled_on_their_page_by_those_who_may(
    review, records, votes, browser_of, ann, ben, cat, person
):
    votes(records[0], ann, "include", "Stripes.")
    votes(records[0], ben, "exclude", "No evidence.")
    address = reverse("admin:literature_review_conflicts", args=[review.pk])
    sent = {"record": records[0].pk, "stage": TITLE, "decision": "exclude", "reason": "No data."}
    other = browser_of(person("other", "researcher"))
    assert other.post(address, sent).status_code == 403, "a third researcher is not a reviewer"
    page = browser_of(ann).post(address, sent, follow=True).content.decode()
    assert "other screener has to confirm" in page
    proposal = ScreeningResolution.objects.get()
    assert other.post(address, {"confirm": proposal.pk}, follow=True).status_code == 200
    assert the(review, records[0]) is None
    page = browser_of(ben).get(address).content.decode()
    assert "ann proposes to exclude it" in page
    browser_of(ben).post(address, {"confirm": proposal.pk})
    assert the(review, records[0]) == ("exclude", "No data.")
    votes(records[1], ann, "include")
    votes(records[1], ben, "exclude", "No evidence.")
    browser_of(cat).post(address, {**sent, "record": records[1].pk, "decision": "include", "reason": "Fits."})
    assert the(review, records[1]) == ("include", "Fits.")


@pytest.mark.slow
def test_the_desk_adds_records_and_says_what_is_missing(review, browser_of, ann, cat):
    address = reverse("admin:literature_review_desk", args=[review.pk])
    desk, record = browser_of(ann), factories.reference()
    page = desk.get(address).content.decode()
    for words in ("No search is recorded.", "It has no findings."):
        assert words in page
    refused = desk.post(address, {"keys": "no-such-key"})
    assert refused.status_code == 422
    assert "import it first" in refused.content.decode()
    assert desk.post(address, {}).status_code == 422
    page = desk.post(address, {"keys": f"{record.slug}\n{record.slug}"}, follow=True).content.decode()
    assert "1 record now waits" in page
    assert "1 waits for you" in page
    assert browser_of(cat).post(address, {"keys": record.slug}).status_code == 403


@pytest.mark.slow
def test_pages_cost_the_same_for_few_records_and_many(review, records, votes, browser_of, ann, ben):
    desk = browser_of(ann)
    addresses = [
        reverse(f"admin:literature_review_{page}", args=[review.pk])
        for page in ("screen", "conflicts", "desk", "appraise")
    ]
    votes(records[0], ann, "include")
    votes(records[0], ben, "exclude", "No evidence.")
    desk.get(addresses[0])  # the first page of a session notes when it began
    few = [count_queries(desk.get, address) for address in addresses]
    more = [factories.reference(f"More {place}") for place in range(30)]
    add_candidates(review=review, references=more, by=ann, origin="A test")
    for record in more[:12]:
        votes(record, ann, "include")
        votes(record, ben, "exclude", "No evidence.")
    assert [count_queries(desk.get, address) for address in addresses] == few
    assert few[0] < 25


@pytest.mark.slow
def test_two_records_that_become_one_keep_their_votes(review, records, votes, ann, ben):
    keep, lose = records[:2]
    votes(keep, ann, "include", "Stripes.")
    votes(lose, ann, "include", "Manes.")
    votes(lose, ben, "maybe")
    merge_references(keep=keep, lose=lose, by=ann)
    assert review.candidates.filter(reference=keep).count() == 1
    assert {(each.screener, each.decision, each.reason) for each in review.votes.filter(reference=keep)} == {
        (ann, "include", "Stripes.\n\nManes."),
        (ben, "maybe", ""),
    }
