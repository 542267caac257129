"""Dossiers: the rules that the database keeps, the verbs, and what readers are told at which moment."""

import copy
import datetime as dt
import itertools

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from casestudies.models import Organisation, Succession
from failure_lessons.history.audit_context import acting_as
from failure_lessons.library.bodies import count_by_body
from failure_lessons.packages.exchange import export_package
from failure_lessons.packages.format import write_package
from failure_lessons.packages.validation import InvalidPackage, read_checked
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_many, submit_many
from failure_lessons.vocabularies.choices import (
    DONE_STATES,
    OPEN_STATES,
    AssessmentStatus,
    Implementation,
)
from literature.models import Reference
from recommendations.follow_up import services
from recommendations.follow_up.models import (
    Action,
    Addressee,
    Assessment,
    DueDate,
    FollowUp,
    FollowUpCitation,
    Response,
    SourceRecommendation,
)
from recommendations.models import Recommendation

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 28)


@pytest.fixture
def dossier(shipped):
    """The dossier of a recommendation of ours, asked of nobody yet."""
    return FollowUp.objects.select_related("recommendation").get(recommendation__code="R7")


@pytest.fixture
def followed(shipped):
    """The dossier of a source recommendation."""
    return FollowUp.objects.get(source_recommendation__code="S1")


def any_source():
    return {"reference": Reference.objects.order_by("pk").first()}


def cite(response):
    """A source for a response, which it has to have in the end."""
    FollowUpCitation.objects.create(response=response, **any_source())


def assessment(dossier, state, *, position, status=AssessmentStatus.CURRENT, **more):
    values = {
        "implementation": state,
        "basis": ["inspection"],
        "reason": "It was seen.",
        "known_to": "2020",
        "day": TODAY,
        "look_again_by": TODAY if state in OPEN_STATES else None,
        "overtaken_by": "Another." if state == Implementation.OVERTAKEN else "",
        **more,
    }
    return Assessment.objects.create(dossier=dossier, position=position, status=status, **values)


def refused(rule):
    """The database refuses by the name of this rule."""
    return pytest.raises(IntegrityError, match=rule)


SETTLED = ("done", "done-differently", "part-done", "not-done", "overtaken")
OPEN = tuple(map(str, OPEN_STATES))
ALLOWED = (
    set(itertools.product(OPEN, (*OPEN, *SETTLED)))
    | set(itertools.product((*SETTLED, "undone"), OPEN))
    | {(state, "undone") for state in ("done", "done-differently", "part-done")}
)


@pytest.mark.slow
def test_every_move_of_ten_by_ten_is_allowed_or_refused_by_the_database(dossier):
    wrong = []
    for before, after in itertools.product(Implementation.values, Implementation.values):
        outcome = "allowed"
        try:
            with transaction.atomic():
                # how it came to be as it was is not the question: that row is put where no rule is asked
                with connection.cursor() as cursor:
                    cursor.execute("set local session_replication_role = replica")
                assessment(dossier, before, position=0, status=AssessmentStatus.PAST)
                with connection.cursor() as cursor:
                    cursor.execute("set local session_replication_role = origin")
                assessment(dossier, after, position=1)
                raise InterruptedError
        except IntegrityError as error:
            outcome = "refused" if "cannot move" in str(error) else str(error)
        except InterruptedError:
            pass
        if outcome != ("allowed" if (before, after) in ALLOWED else "refused"):
            wrong.append((before, after, outcome))
    assert not wrong
    assert len(ALLOWED) == 63


def test_a_first_judgement_may_be_anything_but_the_undoing_of_another(dossier):
    with refused("cannot move"), transaction.atomic():
        assessment(dossier, "undone", position=0)
    for state in (*OPEN, *SETTLED):
        with transaction.atomic():
            assessment(dossier, state, position=0).delete()


@pytest.mark.parametrize("basis", [["self-report"], ["tracker"], ["self-report", "tracker"]])
@pytest.mark.parametrize("state", [str(each) for each in DONE_STATES])
def test_done_rests_on_more_than_the_bodys_word(dossier, basis, state):
    with refused("done_rests_on_more_than_the_bodys_word"), transaction.atomic():
        assessment(dossier, state, position=0, basis=basis, status=AssessmentStatus.PROVISIONAL)
    made = assessment(dossier, state, position=0, basis=[*basis, "audit"], status=AssessmentStatus.PROVISIONAL)
    FollowUpCitation.objects.create(assessment=made, **any_source())


@pytest.mark.parametrize(
    ("rule", "state", "more"),
    [
        ("an_open_assessment_says_when_to_look_again", "on-course", {"look_again_by": None}),
        ("overtaken_says_by_what", "overtaken", {"overtaken_by": ""}),
        ("an_assessment_has_a_reason", "done", {"reason": ""}),
        ("an_assessment_is_not_older_than_its_evidence", "done", {"known_to": "2027-01"}),
        ("an_assessment_is_made_of_known_codes", "done", {"basis": ["inspection", "hearsay"]}),
        ("an_assessment_is_made_of_known_codes", "done", {"effect": "splendid"}),
    ],
)
def test_an_assessment_says_what_its_state_asks_for(dossier, rule, state, more):
    with refused(rule), transaction.atomic():
        assessment(dossier, state, position=0, **more)


def test_a_source_dated_after_the_assessment_is_refused(dossier):
    late = Reference.objects.create(slug="late", type="report", title="Late", issued={"date-parts": [[2026, 11, 29]]})
    made = assessment(dossier, "done", position=0)
    with refused("dated after"), transaction.atomic():
        FollowUpCitation.objects.create(assessment=made, reference=late)
    late.issued = {"date-parts": [[2026, 11]]}
    late.save()
    FollowUpCitation.objects.create(assessment=made, reference=late)


def test_two_people_assess_and_what_is_provisional_counts_nowhere(dossier, researcher, publisher):
    values = {"implementation": "some-progress", "effect": "not-known", "basis": ["audit"], "reason": "Begun."}
    values |= {"known_to": "2026", "look_again_by": dt.date(2027, 5, 31)}
    services.judge(dossier=dossier, by=researcher, values=values, sources=[any_source()], day=TODAY)
    with pytest.raises(services.CannotFollow, match="Two people"):
        services.agree(dossier=dossier, by=researcher)
    assert dossier.assessments.get().status == AssessmentStatus.PROVISIONAL
    services.agree(dossier=dossier, by=publisher)
    agreed = dossier.assessments.get()
    assert (agreed.status, agreed.assessor, agreed.agreed_by) == (AssessmentStatus.CURRENT, researcher, publisher)
    services.judge(
        dossier=dossier, by=researcher, values=values | {"implementation": "done"}, sources=[any_source()], day=TODAY
    )
    services.agree(dossier=dossier, by=publisher)
    assert [each.status for each in dossier.assessments.all()] == ["past", "current"]
    with refused("two_people_assess"), transaction.atomic():
        dossier.assessments.filter(status="current").update(assessor=publisher)


def test_a_judgement_without_a_source_is_refused(dossier, researcher):
    with pytest.raises(services.CannotFollow, match="source"):
        services.judge(dossier=dossier, by=researcher, values={}, sources=[], day=TODAY)
    made = assessment(dossier, "done", position=0)
    with refused("needs a source"), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert made.pk


def test_the_shipped_assessments_are_provisional_and_in_no_count(shipped, client):
    assert set(Assessment.objects.values_list("status", flat=True)) == {"provisional"}
    rows = Edition.objects.current().of_kind("follow-up")
    assert not [term for each in rows for term in each.terms if term.startswith(("implementation:", "effect:"))]
    assert sum(any(term.startswith("provisional:") for term in each.terms) for each in rows) == 54
    assert {count.number for line in count_by_body(TODAY) for count in line.counts if count.code == "done"} == {0}
    page = client.get("/follow-up/birmingham-violence-strategy-2017/").content.decode()
    assert "Provisional: one reader" in page
    assert "It is in no count of what was judged." in page


def test_a_response_comes_from_whoever_was_asked_or_followed_them(followed):
    said = {"dossier": followed, "code": "X1", "date": "2018", "says": "Yes.", "stance": "accepted"}
    stranger = Organisation.objects.get(slug="ofsted")
    with refused("nobody who was asked"), transaction.atomic():
        Response.objects.create(**said, body=stranger)
    Succession.objects.create(organisation=followed.addressees.get().body, successor=stranger, date="2018")
    cite(Response.objects.create(**said, body=stranger))


def test_a_response_is_not_older_than_what_it_answers(followed):
    body = followed.addressees.get().body
    with refused("older than what it answers"), transaction.atomic():
        Response.objects.create(
            dossier=followed, code="X1", date="2017-06-27", says="Yes.", stance="accepted", body=body
        )
    cite(Response.objects.create(dossier=followed, code="X1", date="2017", says="Yes.", stance="accepted", body=body))
    with refused("a_position_is_known"), transaction.atomic():
        Response.objects.create(dossier=followed, code="X2", date="2018", says="Yes.", stance="agreed", body=body)


def test_due_dates_are_only_added_and_a_moved_one_says_why(shipped):
    action = Action.objects.filter(due_dates__isnull=False).first()
    due = action.due_dates.get()
    for change in (lambda: DueDate.objects.filter(pk=due.pk).update(day=TODAY), due.delete):
        with refused("stays as it was said|says why"), transaction.atomic():
            change()
    with refused("says why"), transaction.atomic():
        DueDate.objects.create(action=action, position=1, day=TODAY)
    DueDate.objects.create(action=action, position=1, day=TODAY, reason="It took longer.")
    assert action.due_dates.count() == 2


def test_nothing_is_due_before_it_was_asked(dossier):
    with refused("nothing_is_due_before_it_was_asked"), transaction.atomic():
        dossier.addressees.update(answer_due=TODAY)
    with refused("nothing_is_due_before_it_was_asked"), transaction.atomic():
        dossier.addressees.update(asked_day=TODAY, asked_how="by letter", answer_due=TODAY - dt.timedelta(days=1))
    with refused("a_body_is_asked_once_in_a_dossier"), transaction.atomic():
        Addressee.objects.create(dossier=dossier, body=dossier.addressees.get().body)


def test_a_dossier_follows_one_recommendation_and_each_has_one(dossier):
    with refused("a_dossier_follows_one_recommendation"), transaction.atomic():
        FollowUp.objects.create(slug="none")
    with refused("a_recommendation_has_one_dossier"), transaction.atomic():
        FollowUp.objects.create(slug="again", recommendation=dossier.recommendation)
    with refused("stands_in_a_case_or_a_review"), transaction.atomic():
        SourceRecommendation.objects.filter(code="S1").update(case=None)


def test_a_succession_has_no_circle(shipped):
    one, two, three = Organisation.objects.order_by("pk")[:3]
    Succession.objects.create(organisation=one, successor=two)
    Succession.objects.create(organisation=two, successor=three)
    with refused("circle"), transaction.atomic():
        Succession.objects.create(organisation=three, successor=one)


def ask_for_answer(dossier, by, *, day, due, publisher):
    """Ask, and publish that it was asked."""
    services.ask(addressee=dossier.addressees.first(), by=by, day=day, how="by letter", proof="Sent.", answer_due=due)
    publish_again(dossier, by, publisher)


def publish_again(record, by, publisher):
    """Submit by one, publish by another."""
    record.refresh_from_db()
    submit_many(records=[record], by=by, note="Asked.")
    publish_many(records=[record], by=publisher, note="Asked.")


def test_nothing_is_asked_without_proof_and_letters_are_numbered(dossier, researcher):
    whom = dossier.addressees.get()
    with pytest.raises(services.CannotFollow, match="prove"):
        services.ask(addressee=whom, by=researcher, day=TODAY, how="by letter", proof=" ")
    services.ask(addressee=whom, by=researcher, day=TODAY, how="by letter", proof="Sent.", answer_due=TODAY)
    later = TODAY + dt.timedelta(days=30)
    assert services.ask(addressee=whom, by=researcher, day=later, how="by letter", proof="Sent.").number == 2
    assert services.ask(addressee=whom, by=researcher, day=later, how="by letter", proof="Sent.").number == 3
    with pytest.raises(services.CannotFollow, match="older"):
        services.ask(addressee=whom, by=researcher, day=TODAY, how="by letter", proof="Sent.")
    with pytest.raises(services.CannotFollow, match="stays as it was asked"):
        services.ask(addressee=whom, by=researcher, day=later, how="by letter", proof="Sent.", answer_due=later)


@pytest.fixture
def set_clock(monkeypatch):
    """Let the site's clock stand at a moment."""
    return lambda moment: monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


# A day ends at midnight in London: in winter that is midnight of Greenwich, in summer an hour before.
@pytest.mark.slow
@pytest.mark.parametrize(("month", "hour"), [(1, 0), (7, -1)])
def test_overdue_is_right_at_midnight_in_london_without_a_publication(
    dossier, researcher, publisher, client, month, hour, set_clock
):
    due = dt.date(timezone.localdate().year + 1, month, 10)
    after = dt.datetime(due.year, month, 11, tzinfo=dt.UTC) + dt.timedelta(hours=hour)
    before = after - dt.timedelta(seconds=1)
    ask_for_answer(dossier, researcher, day=dt.date(2026, 11, 1), due=due, publisher=publisher)
    tags = []
    for moment, owed in ((before, 0), (after, 1)):
        set_clock(moment)
        answer = client.get("/api/v1/follow-ups/?overdue=yes&count=exact")
        tags.append(answer["ETag"])
        assert answer.json()["count"] == owed == independent_count(timezone.localdate())
        assert client.get("/follow-up/?overdue=yes").content.decode().count('class="card') == owed
        line = next(line for line in count_by_body(timezone.localdate()) if line.slug == "care-quality-commission")
        assert {count.code: count.number for count in line.counts}["overdue"] == owed
        page = client.get(f"/follow-up/{dossier.slug}/").content.decode()
        assert ("is overdue" in page) == bool(owed)
        assert ("Nobody's answer is overdue" in client.get("/follow-up/overdue/").content.decode()) != bool(owed)
    assert tags[0] != tags[1], "a kept answer would say what was so yesterday"
    again = client.get("/api/v1/follow-ups/?overdue=yes&count=exact", headers={"if-none-match": tags[0]})
    assert again.status_code == 200
    then = client.get("/api/v1/follow-ups/", {"overdue": "yes", "as_of": before.isoformat(), "count": "exact"})
    assert then.json()["count"] == 0, "what is asked of the past is answered by its day"


def independent_count(day):
    """How many dossiers are overdue on a day, by SQL over the documents alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select count(*) from publishing_edition where kind = 'follow-up' and superseded_at is null
               and withdrawn_at is null and (document::jsonb #>> '{derived,due_on}')::date < %s""",
            [day],
        )
        return cursor.fetchone()[0]


@pytest.mark.slow
def test_every_number_of_the_table_by_body_leads_to_the_list_it_counts(shipped, client):
    lines = count_by_body(TODAY)
    assert len(lines) > 20
    for line in lines:
        for count in line.counts:
            told = client.get(f"/api/v1/follow-ups/?{count.query}&count=exact").json()["count"]
            assert told == count.number, (line.slug, count.code)


@pytest.mark.slow
def test_a_body_that_was_merged_after_asking_leaves_its_debt_to_its_successor(
    dossier, researcher, publisher, client, set_clock
):
    due = timezone.localdate() + dt.timedelta(days=30)
    ask_for_answer(dossier, researcher, day=dt.date(2026, 11, 1), due=due, publisher=publisher)
    with acting_as(by=researcher, reason="Merged."):
        heir = Organisation.objects.create(slug="heir", name="The Heir", type="regulator")
        old = dossier.addressees.get().body
        Succession.objects.create(organisation=old, successor=heir, date="2026-11-20")
    publish_again(old, researcher, publisher)
    publish_again(heir, researcher, publisher)
    publish_again(dossier, researcher, publisher)
    set_clock(timezone.now() + dt.timedelta(days=32))
    for slug in (old.slug, "heir"):
        assert client.get(f"/api/v1/follow-ups/?overdue=yes&body={slug}&count=exact").json()["count"] == 1
    assert "The Heir" in client.get(f"/follow-up/bodies/{old.slug}/").content.decode()
    assert f'from <a href="/follow-up/bodies/{old.slug}/">' in client.get("/follow-up/bodies/heir/").content.decode()
    Response.objects.create(dossier=dossier, code="X1", date="2026-12-02", says="Yes.", stance="accepted", body=heir)
    FollowUpCitation.objects.create(response=Response.objects.get(code="X1"), **any_source())
    publish_again(dossier, researcher, publisher)
    assert client.get("/api/v1/follow-ups/?overdue=yes&count=exact").json()["count"] == 0


def test_new_words_of_a_recommendation_do_not_mark_its_dossier(dossier, researcher, publisher, client):
    record = Recommendation.objects.get(code="R7")
    record.statement += " At once."
    record.save()
    publish_again(record, researcher, publisher)
    edition = Edition.objects.current().get(kind="follow-up", slug=dossier.slug)
    assert edition.evidence_changed_at is None
    page = client.get(f"/follow-up/{dossier.slug}/").content.decode()
    assert "answers edition 1" in " ".join(page.split())


@pytest.mark.slow
def test_all_shipped_dossiers_are_exported_soundly(shipped, tmp_path):
    """That they load again hash for hash is proved in tests/test_exchange.py, of the records of every kind."""
    write_package(tmp_path / "out", export_package())
    exported = read_checked(tmp_path / "out")
    for member in ("organisations", "source-recommendations", "follow-ups"):
        assert len(exported[member]) == len(shipped[member]) > 5


def test_every_statement_of_a_dossier_reaches_its_source(shipped):
    for edition in Edition.objects.current().of_kind("follow-up", "source-recommendation"):
        content = edition.content
        parts = [content] if edition.kind == "source-recommendation" else []
        for name in ("responses", "actions", "judgements", "assessments"):
            parts += content.get(name, [])
        pinned = set(edition.cites.values_list("slug", flat=True))
        for part in parts:
            assert part["sources"]
            assert {source["ref"] for source in part["sources"]} <= pinned


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda e: e["responses"][0].pop("sources"), "sources"),
        (lambda e: e["responses"][0].update(position="agreed"), "Use one of"),
        (lambda e: e["responses"][0]["sources"][0].update(quotation="word " * 41), "41 words"),
        (lambda e: e["responses"][0].update(body="nhs"), "There is no organisation"),
        (lambda e: e["addressees"][0].update(answer_due={"day": "2027-01-01"}), "Nothing is due before"),
        (lambda e: e["assessments"][0].update(look_again_by="2027-02-30"), "is not a day"),
        (lambda e: e["assessments"][0].update(implementation="done", basis=["tracker"]), "more than the body's word"),
        (lambda e: e.update(recommendation="R1"), "one recommendation"),
    ],
)
def test_a_package_with_an_unsound_dossier_is_refused_in_words(shipped, tmp_path, change, words):
    package = copy.deepcopy(shipped)
    entry = next(each for each in package["follow-ups"] if each.get("responses"))
    change(entry)
    write_package(tmp_path / "bad", package)
    with pytest.raises(InvalidPackage, match=words):
        read_checked(tmp_path / "bad")


@pytest.mark.parametrize("query", ["overdue=maybe", "position=agreed", "due_before=soon", "body=NHS!"])
def test_strange_questions_are_refused_with_what_is_valid(shipped, client, query):
    answer = client.get(f"/api/v1/follow-ups/?{query}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == query.partition("=")[0]


def test_none_found_is_two_clicks_from_the_start_page(shipped, client):
    assert "/follow-up/?made=others&amp;answer=none-found" in client.get("/").content.decode()
    found = client.get("/api/v1/follow-ups/?made=others&answer=none-found&count=exact").json()["count"]
    looked = FollowUp.objects.filter(source_recommendation__isnull=False, responses=None, looks__isnull=False)
    assert found == looked.distinct().count() > 0
