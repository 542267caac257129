"""Read the Failure Lessons repository: what is published, what changed, and the words of the sources behind it.

from failure_lessons_client import Client

with Client("https://lessons.example.org") as lessons:
    for record in lessons.recommendations(phase="identification", strength="strong"):
        print(record.code, record["statement"])
"""

from failure_lessons_client.client import Client
from failure_lessons_client.problems import ApiProblem, Gone, NotFound, TooManyRequests, Unreachable
from failure_lessons_client.records import Change, Record

__all__ = ["ApiProblem", "Change", "Client", "Gone", "NotFound", "Record", "TooManyRequests", "Unreachable"]
