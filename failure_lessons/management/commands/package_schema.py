"""`manage.py package_schema`: write the JSON Schema of evidence packages."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand

from failure_lessons.packages.schema import package_schema

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "packages" / "schemas" / "evidence-package-1.json"


class Command(BaseCommand):
    help = "Write the JSON Schema of evidence packages into failure_lessons/packages/schemas/."

    def handle(self, *args: object, **options: object) -> None:
        SCHEMA_FILE.write_text(json.dumps(package_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        self.stdout.write(f"{SCHEMA_FILE.name} written.")
