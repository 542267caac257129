"""Partners who write at the same moment, on connections of their own."""

import pytest

from failure_lessons.access.models import Token
from failure_lessons.accounts.models import User
from failure_lessons.partners.models import Draft, Sent
from literature.models import Reference
from tests.partners.conftest import Api, make_partner, reference
from tests.publishing.test_concurrency import at_once


@pytest.fixture
def pair(committed):
    """Two partners whose transactions really commit; what they made is taken away again."""
    apis = [Api(make_partner(name)) for name in ("at-once-one", "at-once-two")]
    yield apis
    Reference.objects.filter(slug__startswith="at-once").delete()
    partners = User.objects.filter(username__startswith="at-once")
    for model in (Draft, Sent, Token):
        model.objects.filter(partner__in=partners).delete()
    partners.delete()


@pytest.mark.slow
def test_of_many_changes_to_one_draft_exactly_one_wins(pair):
    api = pair[0]
    tag = api("post", "/references/", reference("at-once-1"))["ETag"]
    answers = at_once(
        *(
            lambda n=n: api("put", "/references/at-once-1/", reference("at-once-1", title=f"Title {n}"), If_Match=tag)
            for n in range(6)
        )
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, 412, 412, 412, 412, 412]
    won = next(answer for answer in answers if answer.status_code == 200)
    assert Reference.objects.get(slug="at-once-1").title == won.json()["title"]
    for lost in answers:
        if lost.status_code == 412:
            assert lost["ETag"] == lost.json()["current"] == won["ETag"]


@pytest.mark.slow
def test_a_key_sent_many_times_at_once_writes_once(pair):
    api = pair[0]
    answers = at_once(
        *(lambda: api("post", "/references/", reference("at-once-2"), Idempotency_Key="race") for _ in range(6))
    )
    made = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len([answer for answer in made if "Idempotency-Replayed" not in answer]) == 1
    assert len({answer.content for answer in made}) == 1
    for refused in answers:
        if refused.status_code == 409:
            assert refused["Retry-After"] == "1"
            assert refused.json()["type"].endswith("/still-running/")
    assert api("post", "/references/", reference("at-once-2"), Idempotency_Key="race")["Idempotency-Replayed"] == "true"


@pytest.mark.slow
def test_two_partners_cannot_take_the_same_new_key(pair):
    answers = at_once(
        *(
            lambda api=api, n=n: api("post", "/references/", reference("at-once-3", title=f"Of {n}"))
            for n, api in enumerate(pair * 3)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    won = next(n for n, answer in enumerate(answers) if answer.status_code == 201)
    assert Reference.objects.get(slug="at-once-3").title == f"Of {won}"
    assert Draft.objects.get(slug="at-once-3").partner == (pair * 3)[won].partner
