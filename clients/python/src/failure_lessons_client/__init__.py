"""Read the Failure Lessons repository: what is published, what changed, and the words of the sources behind it.

from failure_lessons_client import Client

with Client("https://lessons.example.org") as lessons:
    for record in lessons.recommendations(phase="identification", strength="strong"):
        print(record.code, record["statement"])
"""

from failure_lessons_client.aio import AsyncClient
from failure_lessons_client.calls import Draft
from failure_lessons_client.client import Client
from failure_lessons_client.frames import to_dataframe
from failure_lessons_client.problems import (
    ApiProblem,
    Damaged,
    Gone,
    NotFound,
    NotTheApi,
    TooManyRequests,
    Unreachable,
)
from failure_lessons_client.records import Change, Edition, Record

__all__ = [
    "ApiProblem",
    "AsyncClient",
    "Change",
    "Client",
    "Damaged",
    "Draft",
    "Edition",
    "Gone",
    "NotFound",
    "NotTheApi",
    "Record",
    "TooManyRequests",
    "Unreachable",
    "to_dataframe",
]
