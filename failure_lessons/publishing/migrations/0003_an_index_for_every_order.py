"""An index for every order of a list.

The expressions are those of `library.list_query.ORDERS`, as Django writes them: PostgreSQL takes an index only for the
very expression that is asked for. A test asks for each order and looks which index serves it.
"""

from django.db import migrations

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
    replaces = [("publishing", "0010_an_index_for_every_order")]
    dependencies = [("publishing", "0002_first_release")]

    operations = [
        *(
            migrations.RunSQL(
                f"""create index {name} on publishing_edition (kind, ({expression}), sort_key, id)
                    where superseded_at is null and withdrawn_at is null""",
                f"drop index {name}",
            )
            for name, expression in INDEXES.items()
        ),
    ]
