"""`manage.py package_schema`: write the JSON Schema of evidence packages."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from failure_lessons.packages.schema import PACKAGE_SCHEMA

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "packages" / "schemas" / "evidence-package-1.json"


class Command(BaseCommand):
    help = "Write the JSON Schema of evidence packages into failure_lessons/packages/schemas/."

    def handle(self, *args: Any, **options: Any) -> None:
        SCHEMA_FILE.write_text(json.dumps(PACKAGE_SCHEMA, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        self.stdout.write(f"{SCHEMA_FILE.name} written.")
