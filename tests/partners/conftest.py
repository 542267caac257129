"""Partners with tokens, and a client that speaks JSON."""

import json

import pytest
from django.test import Client

from failure_lessons.access.models import Scope
from failure_lessons.access.tokens import issue_token, join_partners
from failure_lessons.accounts.models import User
from failure_lessons.publishing.models import Edition, LedgerEntry

WORKBENCH = "/api/v1/workbench"


def make_partner(username):
    user, _ = User.objects.get_or_create(username=username)
    join_partners(user=user)
    return user


class Api:
    """A partner's program."""

    def __init__(self, partner, scopes=tuple(Scope.values), **about):
        self.partner = partner
        self.token, self.text = issue_token(partner=partner, name="test", scopes=scopes, by=None, **about)
        self.client = Client()

    def __call__(self, method, address, body=None, *, content_type="application/json", raw=None, **headers):
        sent = {"Authorization": f"Bearer {self.text}"} if self.text else {}
        sent |= {name.replace("_", "-"): v for name, v in headers.items()}
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if body is None and raw is None:
            content_type = ""
        elif method == "patch" and content_type == "application/json":
            content_type = "application/merge-patch+json"
        return self.client.generic(
            method.upper(),
            f"{WORKBENCH}{address}" if not address.startswith("/api/") else address,
            data,
            content_type,
            headers=sent,
        )

    @classmethod
    def without_token(cls):
        """Anybody's program."""
        api = cls.__new__(cls)
        api.text, api.client = "", Client()
        return api

    def change(self, method, address, body=None, **more):
        """A change with the tag as it is now."""
        return self(method, address, body, If_Match=self("get", address.partition("?")[0])["ETag"], **more)


@pytest.fixture
def partner(db):
    return make_partner("institute")


@pytest.fixture
def api(partner):
    return Api(partner)


@pytest.fixture
def other(db):
    return Api(make_partner("rival"))


@pytest.fixture
def unchanged_library(client, request):
    """After each test the library is as it was, unless the test itself publishes."""
    before = set(Edition.objects.values_list("pk", "sha256", "withdrawn_at")), LedgerEntry.objects.count()
    yield
    if "publishes" not in request.keywords:
        assert (set(Edition.objects.values_list("pk", "sha256", "withdrawn_at")), LedgerEntry.objects.count()) == before


def reference(key="sent-2026", **more):
    return {"id": key, "type": "report", "title": "A report that was sent", **more}


def case(slug="sent-case", code="ZZ9-F1", source="acc-2021", **more):
    return {
        "slug": slug,
        "title": "A case that was sent",
        "sector": "education",
        "organisations": [],
        "period": {"start": "1996", "end": None},
        "failure_types": ["quality"],
        "summary": "What happened.",
        "context": "Where.",
        "phases": {"warning_signs": "Few.", "identification": "Late.", "management": "Slow.", "resolution": "Done."},
        "in_short": {"warning_signs": "Few.", "identification": "Late.", "management": "Slow.", "resolution": "Done."},
        "events": [
            {
                "date": "1996-10",
                "phase": "onset",
                "title": "It began",
                "description": "So.",
                "sources": [{"ref": source}],
            }
        ],
        "actors": [],
        "interventions": [],
        "indicators": [],
        "quotes": [],
        "findings": [
            {
                "code": code,
                "statement": "Something was found.",
                "phase": "identification",
                "themes": [],
                "explanation": "Why.",
                "sources": [{"ref": source}],
            }
        ],
        **more,
    }


MANIFEST = {"format": "failure-lessons-evidence", "version": 1, "title": "A test"}


def whole(**members):
    """An evidence package of these members."""
    return {"manifest": dict(MANIFEST), **members}
