"""A real mail server for the tests that send."""

from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller

from tests.database.conftest import free_port

SMTP = "django.core.mail.backends.smtp.EmailBackend"


class MailServer:
    """Keeps what it takes; `answer` is what it says to a recipient, `drops` whether it hangs up once it has a mail."""

    def __init__(self):
        self.taken, self.answer, self.drops = [], "250 OK", False

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # its own name
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        if self.drops:
            server.transport.abort()
        return "250 Taken"


@pytest.fixture
def mail_server(settings):
    """A mail server that the outbox hands over to."""
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 5
    yield handler
    controller.stop()
