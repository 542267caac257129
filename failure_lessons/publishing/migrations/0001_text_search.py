"""The extension and the text search configuration that editions are searched with."""

from typing import Any

from django.db import migrations
from django.db.utils import DatabaseError

NEEDED = ("unaccent", "pg_trgm")


def create_extensions(apps: Any, schema_editor: Any) -> None:
    """Create the extensions, or say in one sentence what the server lacks."""
    with schema_editor.connection.cursor() as cursor:
        for name in NEEDED:
            cursor.execute("select 1 from pg_extension where extname = %s", [name])
            if cursor.fetchone():
                continue
            cursor.execute("select 1 from pg_available_extensions where name = %s", [name])
            if not cursor.fetchone():
                raise DatabaseError(
                    f"This PostgreSQL has no extension “{name}”. Install its contrib modules (on Debian: the package "
                    "postgresql-contrib), or leave DATABASE_URL unset to use the embedded server."
                )
            try:
                cursor.execute(f"create extension if not exists {name}")
            except DatabaseError as error:
                raise DatabaseError(
                    f"The extension “{name}” could not be created ({error}). Ask a database administrator to run: "
                    f"create extension {name};"
                ) from error


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.RunPython(create_extensions, migrations.RunPython.noop),
        migrations.RunSQL(
            """
            create text search configuration evidence (copy = pg_catalog.english);
            alter text search configuration evidence
                alter mapping for hword, hword_part, word with unaccent, english_stem;
            """,
            "drop text search configuration evidence;",
        ),
    ]
