"""What can go wrong, as exceptions that say how to mend it."""

from __future__ import annotations

from typing import Any

import httpx


class Unreachable(Exception):
    """No answer came, however often it was tried."""


class NotTheApi(Exception):
    """What answered is not the API: a log-in page, or a server in between."""


class Damaged(Exception):
    """A record's document does not match its hash: something between the library and here altered it."""


class ApiProblem(Exception):
    """The service refused: the members of RFC 9457, and whatever else it said in `members`."""

    def __init__(self, status: int, title: str, detail: str, type_: str, members: dict[str, Any]) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.type = type_
        self.members = members


class NotFound(ApiProblem):
    """Nothing stands at this address."""


class Gone(ApiProblem):
    """The record was withdrawn; `detail` gives the reason."""


class TooManyRequests(ApiProblem):
    """The quota is used up, and waiting for more would take longer than the client was told to wait."""


BY_STATUS: dict[int, type[ApiProblem]] = {404: NotFound, 410: Gone, 429: TooManyRequests}


def problem_of(answer: httpx.Response) -> ApiProblem:
    """The exception that an answer stands for, whether or not it is problem details."""
    try:
        members = answer.json()
    except ValueError:
        members = {}
    if not isinstance(members, dict):
        members = {}
    kind = BY_STATUS.get(answer.status_code, ApiProblem)
    title = str(members.pop("title", answer.reason_phrase))
    detail = str(members.pop("detail", "") or answer.text[:200] or answer.headers.get("Location", ""))
    members.pop("status", None)
    return kind(answer.status_code, title, detail, str(members.pop("type", "about:blank")), members)
