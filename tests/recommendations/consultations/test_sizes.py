"""A round of 5,000 people, 100 statements and 4 questions: two million ratings. What it costs, as ratios of bare SQL."""

import pytest
from django.db import connection
from django.utils import timezone

from failure_lessons.outbox.models import Message
from recommendations.consultations import results, services
from recommendations.consultations.invitations import invite_participants
from recommendations.consultations.models import Answerer, ConsultationRound, Participant, Question, Rating
from recommendations.consultations.results import compute_results
from recommendations.consultations.saving import AnswerSheet, save_sheet
from recommendations.consultations.services import close_round
from tests.helpers import count_queries, spend_time
from tests.recommendations.consultations.world import answer_all, opened_round

pytestmark = pytest.mark.django_db
PEOPLE, STATEMENTS = 5_000, 100
FILL = """
    insert into consultations_rating (answerer_id, statement_id, question_id, value, choice, cannot_judge, is_counted,
                                      reason, version)
    select a.id, s.id, q.id, 1 + (a.id * 7 + s.id * 3 + q.id) %% 9, '', false, true, '', 1
    from consultations_answerer a, consultations_statement s, consultations_question q
    where a.round_id = %(round)s and s.round_id = %(round)s and q.round_id = %(round)s
"""
BARE = """
    select r.statement_id, r.question_id, a.group_id, r.value, count(*) from consultations_rating r
    join consultations_answerer a on a.id = r.answerer_id
    where a.round_id = %s and r.is_counted and r.value is not null group by 1, 2, 3, 4
"""


def best_of(count, work):
    """The least of the processor's time that this took in several tries, in seconds."""
    ask("set max_parallel_workers_per_gather = 0", [])  # one process of the database, whose time can be told
    times = []
    for number in range(count):
        start = spend_time()
        work(number)
        times.append((spend_time() - start) / 1e9)
    return min(times)


def ask(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def large():
    """An open round with two million ratings, written past the triggers."""
    row = opened_round(each=1)
    ask("set session_replication_role = replica", [])
    statement = row.statements.first()
    for number in range(STATEMENTS - row.statements.count()):
        statement.pk, statement.code, statement.position = None, f"X{number}", 10 + number
        statement.save(force_insert=True)
    groups = list(row.groups.all())
    Answerer.objects.bulk_create(
        Answerer(round=row, group=groups[number % 4], pseudonym=f"p{number}") for number in range(PEOPLE - 4)
    )
    ask(FILL, {"round": row.pk})
    ask("set session_replication_role = origin", [])
    ask("analyze consultations_rating", [])
    assert Rating.objects.count() == PEOPLE * STATEMENTS * 4
    return row


@pytest.mark.trials
def test_all_results_cost_little_more_than_counting_alone(large):
    bare = best_of(3, lambda _: ask(BARE, [large.pk]))
    ours = best_of(3, lambda _: results.count_items(large.pk))
    whole = best_of(2, lambda _: compute_results(large))
    told = f"counting {ours / bare:.2f}, everything {whole / bare:.2f} of the bare aggregate ({bare:.2f} s)"
    print(told)  # noqa: T201  # a trial tells its figure
    assert ours <= 1.5 * bare, told
    assert whole <= 1.5 * bare, told


@pytest.mark.slow
def test_results_cost_the_same_number_of_queries_however_many_answered():
    small, large = opened_round(each=5), opened_round(each=9)
    for row in (small, large):
        answer_all(row)
    assert count_queries(lambda: compute_results(small)) == count_queries(lambda: compute_results(large))


def test_saving_costs_the_same_number_of_queries_however_many_questions_are_answered():
    row = opened_round()
    row.answerers.update(consented_on=timezone.localdate(), notice_version=1, gave_own_view=True)
    who, statement = row.answerers.first(), row.statements.first()
    codes = list(Question.objects.filter(round=row).values_list("code", flat=True))
    costs = set()
    for number in (1, 4):
        sheet = AnswerSheet({code: [str(number)] for code in codes[:number]})
        costs.add(count_queries(lambda sheet=sheet: save_sheet(who=who, statement=statement, sheet=sheet)))
    assert len(costs) == 1


@pytest.mark.slow
def test_inviting_costs_the_same_number_of_queries_however_many_are_invited():
    costs = set()
    for each in (2, 40):
        row = opened_round(each=each)
        costs.add(count_queries(lambda row=row: invite_participants(consultation=row, by=row.created_by)))
        assert Message.objects.filter(recipient__endswith="@people.example").count() >= 4 * each
    assert len(costs) == 1


def test_a_round_whose_results_cannot_be_computed_stays_open(monkeypatch):
    row = opened_round()
    answer_all(row)

    def fail(_):
        raise MemoryError

    monkeypatch.setattr(services, "compute_results", fail)
    with pytest.raises(MemoryError):
        close_round(consultation=row, by=row.created_by)
    stored = ConsultationRound.objects.get(pk=row.pk)
    assert (stored.stage, stored.results, stored.closed_at) == ("open", None, None)
    assert Participant.objects.filter(round=row).count() == 24
