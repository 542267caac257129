"""Somebody who publishes again and again, and writes down each publication that the site said was done.

`python -m bench.drill_publisher FILE`: a line for each attempt, with the moment (of the machine's steady clock).
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid

import django
from django.db import Error, connection

PAUSE = float(os.environ.get("PAUSE", "0.5"))  # seconds between two publications

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
    django.setup()
    from failure_lessons.accounts.models import User  # models can be imported once Django is set up
    from failure_lessons.publishing.services import publish_record, submit_record
    from failure_lessons.vocabularies.models import Theme

    with open(sys.argv[1], "a", buffering=1) as file:
        while True:
            try:
                author, _ = User.objects.get_or_create(username="drill-author")
                publisher, _ = User.objects.get_or_create(username="drill-publisher")
                slug = f"drill-{uuid.uuid4().hex[:12]}"
                theme = Theme.objects.create(slug=slug, label=f"Drill {slug}", scope_note="Made in a drill.")
                submit_record(record=theme, by=author)
                (edition, *_) = publish_record(record=theme, by=publisher, note="A drill.")
                told = {"at": time.monotonic(), "revision": edition.revision, "sha256": edition.sha256}
            except Error as error:
                connection.close()
                told = {"at": time.monotonic(), "failed": str(error).strip().splitlines()[-1]}
            file.write(json.dumps(told) + "\n")
            time.sleep(PAUSE)
