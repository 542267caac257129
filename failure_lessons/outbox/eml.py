"""Mail on a laptop: each message is a file that a mail program opens."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class EmlFiles(BaseEmailBackend):
    """Writes `.eml` files into `settings.MAIL_FOLDER`, for the eyes of whoever runs the site."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAIL_FOLDER)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number, message in enumerate(email_messages):
            who = re.sub(r"[^\w.@-]", "_", ",".join(message.recipients()))[:80]
            path = folder / f"{timezone.now():%Y-%m-%dT%H%M%S.%f}-{number}-{who}.eml"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(message.message().as_bytes())
        return len(email_messages)
