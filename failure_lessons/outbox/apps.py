"""The outbox app, and what it asks of a place where it is deployed."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


def check_mail_server(**_: object) -> Sequence[CheckMessage]:
    """Mail leaves by a server that somebody named."""
    if settings.EMAIL_HOST:
        return []
    words = "There is no mail server, so nobody would be told anything."
    return [Error(words, hint="Set EMAIL_HOST, for example EMAIL_HOST=mail.example.org.", id="outbox.E001")]


class OutboxConfig(AppConfig):
    name = "failure_lessons.outbox"
    label = "outbox"
    verbose_name = "Mail"

    def ready(self) -> None:
        """`check --deploy` refuses a place without a mail server."""
        register(check_mail_server, deploy=True)
