"""A request that is sent again under its key writes once."""

import pytest

from failure_lessons.partners.idempotency import IDEMPOTENCY_LIFETIME, LOST
from failure_lessons.partners.models import Draft, Sent
from literature.models import Reference
from tests.partners.conftest import reference

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unchanged_library")]


def test_the_same_key_gets_the_same_answer_and_writes_once(api):
    first = api("post", "/references/", reference(), Idempotency_Key="a-1")
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first
    Reference.objects.filter(slug="sent-2026").update(title="Edited since")
    again = api("post", "/references/", reference(), Idempotency_Key='"a-1"')
    assert again["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.content, again["ETag"], again["Location"], again["Content-Type"]) == (
        first.status_code,
        first.content,
        first["ETag"],
        first["Location"],
        first["Content-Type"],
    )
    assert again["Cache-Control"] == "no-store"
    assert Reference.objects.get(slug="sent-2026").title == "Edited since"
    assert api("post", "/references/", reference(title="x"), Idempotency_Key="a-1").status_code == 422
    assert api("post", "/packages/", reference(), Idempotency_Key="a-1").status_code == 422


def test_keys_are_each_partners_own_and_free_after_a_refusal_or_a_day(api, other):
    assert api("post", "/references/", reference(titel="x"), Idempotency_Key="k").status_code == 422
    assert api("post", "/references/", reference(), Idempotency_Key="k").status_code == 201
    assert other("post", "/references/", reference("b-1"), Idempotency_Key="k").status_code == 201
    for row in Sent.objects.all():
        Sent.objects.filter(pk=row.pk).update(began_at=row.began_at - IDEMPOTENCY_LIFETIME)
    assert api("post", "/references/", reference("c-1"), Idempotency_Key="k").status_code == 201
    assert Sent.objects.count() == 1


def test_a_request_that_died_can_be_sent_again(api):
    api("post", "/references/", reference(), Idempotency_Key="k")
    row = Sent.objects.get()
    Reference.objects.filter(slug="sent-2026").delete()
    Sent.objects.update(status=None, began_at=row.began_at)
    assert api("post", "/references/", reference(), Idempotency_Key="k").status_code == 409
    Sent.objects.update(began_at=row.began_at - LOST)
    Draft.objects.all().delete()
    assert api("post", "/references/", reference(), Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "\x7f", "é"])
def test_a_bad_key_is_refused(key, api):
    assert api("post", "/references/", reference(), Idempotency_Key=key).status_code == 400
