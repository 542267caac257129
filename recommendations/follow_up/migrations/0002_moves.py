"""From which state an assessment may move to which. The first of a dossier may be any but one that undoes another."""

from django.db import migrations

OPEN = ("cannot-tell", "no-progress", "some-progress", "on-course")
SETTLED = ("done", "done-differently", "part-done", "not-done", "overtaken")
MOVES = [
    *(("", after) for after in (*OPEN, *SETTLED)),
    *((before, after) for before in OPEN for after in (*OPEN, *SETTLED)),
    *((before, "undone") for before in ("done", "done-differently", "part-done")),
    *((before, after) for before in (*SETTLED, "undone") for after in OPEN),
]


def allow_moves(apps, schema_editor):
    model = apps.get_model("follow_up", "AllowedMove")
    model.objects.bulk_create(model(before=before, after=after) for before, after in MOVES)


class Migration(migrations.Migration):
    dependencies = [("follow_up", "0001_first_release")]
    operations = [migrations.RunPython(allow_moves, migrations.RunPython.noop)]
