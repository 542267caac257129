"""Forms without a cookie: a signed text in the form says that a page of ours sent it, and when it was opened."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest

from failure_lessons.access.private_answers import is_foreign
from failure_lessons.access.quota import Policy, count_request
from failure_lessons.accounts.client_address import address_of_client, rate_limit_key

FORM_SALT = "failure_lessons.intake.form"
LONGEST_OPEN = 24 * 3600  # seconds that a form may stay open
SENDING = Policy("intake", 10, 3600)  # messages and requests, an hour and household
TRAP = "website"  # a field that people do not see and programs fill in
OUT_OF_DATE = (
    "This form had been open for long, or another site sent it. Nothing is lost: look it over and send it again."
)


def make_form_proof() -> str:
    """What a form of ours carries."""
    return signing.TimestampSigner(salt=FORM_SALT).sign("form")


def is_form_proven(request: HttpRequest) -> bool:
    """Whether a form comes from a page of ours that was opened today."""
    if is_foreign(request):
        return False
    try:
        signing.TimestampSigner(salt=FORM_SALT).unsign(request.POST.get("proof", ""), max_age=LONGEST_OPEN)
    except signing.BadSignature:
        return False
    return True


def is_trapped(request: HttpRequest) -> bool:
    """Whether a program filled in what people do not see."""
    return bool(request.POST.get(TRAP))


def seconds_to_wait(request: HttpRequest) -> int:
    """Seconds until this household may send again; 0 when it may now. It counts this one."""
    count = count_request(SENDING, rate_limit_key(address_of_client(request)))
    return count.wait if count.exceeded else 0
