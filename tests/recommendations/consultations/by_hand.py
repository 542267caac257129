"""The least that a WSGI application can do to save answers: read the form, write them by psycopg2, say where to go on."""

import os
from urllib.parse import parse_qs

import psycopg2

ROW = "(%s, %s, %s, %s, '', false, true, '', 1)"
UPSERT = f"""
    insert into consultations_rating (answerer_id, statement_id, question_id, value, choice, cannot_judge, is_counted,
                                      reason, version)
    values {", ".join([ROW] * 4)}
    on conflict (statement_id, question_id, answerer_id) do update set value = excluded.value,
        choice = excluded.choice, cannot_judge = excluded.cannot_judge, is_counted = excluded.is_counted,
        reason = excluded.reason
"""
connections = []


def application(environ, start_response):
    """Whose answers these are, about which statement and to which questions, the form says itself."""
    form = parse_qs(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
    if not connections:
        connections.append(psycopg2.connect(os.environ["DATABASE_URL"]))
    about = [int(form["answerer"][0]), int(form["statement"][0])]
    values = []
    for name, [value] in form.items():
        if name.isdigit():
            values += [*about, int(name), int(value)]
    with connections[0] as connection, connection.cursor() as cursor:
        cursor.execute(UPSERT, values)
    start_response("302 Found", [("Location", "/take-part/")])
    return [b""]
