"""An index for every order of a list, and one for what was marked lately.

The expressions are those of `library.list_query.ORDERS`, as Django writes them: PostgreSQL takes an index only for the
very expression that is asked for. A test asks for each order and looks which index serves it.
"""

from django.db import migrations, models

INDEXES = {
    "edition_by_strength": """case when terms @> array['strength:strong']::text[] then 0
                                   when terms @> array['strength:conditional']::text[] then 1
                                   when terms @> array['strength:consider']::text[] then 2 else 3 end""",
    "edition_by_confidence": """case when terms @> array['confidence:high']::text[] then 0
                                     when terms @> array['confidence:moderate']::text[] then 1
                                     when terms @> array['confidence:low']::text[] then 2
                                     when terms @> array['confidence:very-low']::text[] then 3 else 4 end""",
    "edition_by_wait": "coalesce(due_on - date '2000-01-01', 2147483647)",
}


class Migration(migrations.Migration):
    dependencies = [("publishing", "0009_orders_and_codes")]

    operations = [
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(
                fields=["evidence_changed_at"],
                condition=models.Q(("evidence_changed_at__isnull", False)),
                name="edition_marked",
            ),
        ),
        *(
            migrations.RunSQL(
                f"""create index {name} on publishing_edition (kind, ({expression}), sort_key, id)
                    where superseded_at is null and withdrawn_at is null""",
                f"drop index {name}",
            )
            for name, expression in INDEXES.items()
        ),
    ]
