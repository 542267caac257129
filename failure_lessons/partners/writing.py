"""The writing side of the API: partners' drafts in the workbench, as entries of evidence packages.

Each view reads what was sent, does one thing in one transaction and answers. Nothing here can publish.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import ClassVar

import orjson
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from failure_lessons.access.authentication import require_scope, require_valid_token
from failure_lessons.access.middleware import DRY_RUN_HEADER
from failure_lessons.access.models import Scope, Token
from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.library.list_query import empty_parameters, repeated_parameters, unknown_parameters
from failure_lessons.partners import drafts
from failure_lessons.partners.drafts import lock_partner_writes, send_finding, send_package, send_record
from failure_lessons.partners.idempotency import (
    begin_request,
    fingerprint_request,
    read_idempotency_key,
    release_key,
    store_answer,
)
from failure_lessons.partners.listing import (
    DRAFTS_MAX_PAGE_SIZE,
    DRAFTS_PAGE_SIZE,
    STATES,
    DraftRow,
    findings_of_partner,
    records_of_partner,
)
from failure_lessons.partners.ownership import (
    NoDraft,
    NotNow,
    NotYours,
    draft_etag,
    lock_finding,
    lock_for_update,
    require_draft,
)
from failure_lessons.partners.packages import BY_NAME, PackageFault, Unsound
from failure_lessons.partners.request_bodies import (
    JSON_CONTENT_TYPE,
    MERGE_PATCH,
    apply_merge_patch,
    parse_if_match,
    read_json_body,
)
from failure_lessons.problems import ApiProblem
from failure_lessons.publishing.addresses import requested_address
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.quality_checks import CannotLeaveOpen
from failure_lessons.publishing.registry import Entry, PackageMember
from failure_lessons.publishing.services import CannotPublish
from failure_lessons.types import JSONValue

WriteAction = Callable[[], HttpResponse]


def read_parameters(request: Request, known: Collection[str]) -> dict[str, str]:
    """The parameters of the address; 400 for any that is unknown, repeated or empty."""
    query = request.query_params
    faults = [*unknown_parameters(query, [*known]), *repeated_parameters(query, known), *empty_parameters(query)]
    for fault in faults:
        raise ApiProblem(400, fault.text, parameter=fault.parameter)
    return {name: str(value) for name, value in query.items()}


def is_true_parameter(request: Request, name: str, known: Collection[str]) -> bool:
    """Whether a parameter says true."""
    value = read_parameters(request, known).get(name, "false")
    if value not in ("true", "false"):
        raise ApiProblem(400, f"`{name}` is `true` or `false`.", parameter=name)
    return value == "true"


def refusal_problem(error: Exception) -> ApiProblem:
    """What a partner is told when the workbench says no."""
    if isinstance(error, NoDraft):
        return ApiProblem(404, "There is no draft with this key.")
    if isinstance(error, NotYours):
        return ApiProblem(403, "This record is not yours to see or to change here. An editor can assign it to you.")
    if isinstance(error, NotNow):
        return ApiProblem(409, str(error))
    if isinstance(error, CannotLeaveOpen):
        words = "Mend what good practice asks, or give a reason for each in `departures` (check, found, reason)."
        return ApiProblem(
            409, words, errors=[{"code": each.code, "found": each.found, "detail": each.mend} for each in error.doubts]
        )
    if isinstance(error, CannotPublish):
        return ApiProblem(409, str(error), errors=error.reasons)
    faults = error.faults if isinstance(error, Unsound) else []
    codes = {each.code for each in faults}
    count = f"{len(faults)} problem{'s' if len(faults) != 1 else ''}; nothing was written."
    errors = [{"pointer": each.pointer, "code": each.code, "detail": each.detail} for each in faults]
    status = 403 if codes == {"not-yours"} else 409 if codes <= {"not-yours", "taken", "no-draft"} else 422
    return ApiProblem(status, f"{count} {faults[0].detail}" if faults else count, errors=errors)


def require_if_match(request: HttpRequest, entry: Entry) -> None:
    """Refuse unless `If-Match` names the draft as it is now."""
    header, now = request.META.get("HTTP_IF_MATCH", "").strip(), draft_etag(entry)
    if not header or header == "*":
        raise ApiProblem(428, "Send If-Match with the ETag of the draft as you read it.")
    if now not in parse_if_match(header):
        raise ApiProblem(
            412,
            "It has changed since you read it. Read it again and bring your change into it.",
            current=now,
            headers={"ETag": now},
        )


def entry_response(entry: Entry, *, state: str = "draft", status: int = 200, location: str = "") -> HttpResponse:
    """An entry, with its tag."""
    answer = HttpResponse(orjson.dumps(entry), status=status, content_type=JSON_CONTENT_TYPE)
    answer["ETag"] = draft_etag({name: value for name, value in entry.items() if name != "part_of"})
    answer["Workbench-State"] = str(state)
    if location:
        answer["Location"] = location
    return answer


def unless_held(request: Request, answer: HttpResponse) -> HttpResponse:
    """The answer, or a 304 to who sends its tag in `If-None-Match`."""
    return get_conditional_response(request._request, etag=answer["ETag"], response=answer) or answer


class WorkbenchView(APIView):
    """What the views of the workbench share. Who is asking has been found out by the gate."""

    renderer_classes: ClassVar[list[type[JSONRenderer]]] = [JSONRenderer]  # type: ignore[misc]
    parser_classes: ClassVar[list[type[BaseParser]]] = []  # type: ignore[misc]
    collection = ""
    scope = ""
    parameters: tuple[str, ...] = ("dry_run",)

    @property
    def member(self) -> PackageMember:
        return BY_NAME[self.collection]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Nothing goes on without the scope, nor a write under an address that is wrong."""
        super().initial(request, *args, **kwargs)
        self.token: Token = require_scope(getattr(request._request, "token", None), self.scope)
        self.by = self.token.partner
        if request.method in ("POST", "PUT", "PATCH", "DELETE") and request.method in self.allowed_methods:
            for name in self.parameters:
                is_true_parameter(request, name, self.parameters)

    def write(self, request: Request, work: WriteAction) -> HttpResponse:
        """Do the work in one transaction: kept when all goes well, answered from memory when it was done before."""
        dry = is_true_parameter(request, "dry_run", self.parameters) or self.token.is_test
        plain = request._request
        key = read_idempotency_key(plain) if request.method == "POST" and not dry else ""
        sent = begin_request(partner=self.by, key=key, sha256=fingerprint_request(plain, plain.body)) if key else None
        if isinstance(sent, HttpResponse):
            return sent
        try:
            with transaction.atomic():
                lock_partner_writes()
                answer = work()
                require_valid_token(self.token)
                if sent:
                    store_answer(sent, answer)
                if dry:
                    answer[DRY_RUN_HEADER] = "true"
                    transaction.set_rollback(True)
        except BaseException as error:
            if sent:
                release_key(sent)
            if isinstance(error, NoDraft | NotYours | NotNow | Unsound | CannotPublish):
                raise refusal_problem(error) from error
            raise
        return answer

    def draft_address(self, request: Request, key: str) -> str:
        """Where a draft can be read."""
        name = "api-workbench-finding" if self.collection == "findings" else f"api-workbench-{self.collection}-one"
        return request._request.build_absolute_uri(reverse(name, args=[key]))

    def parse_page(self, request: Request) -> tuple[int, str, list[str]]:
        """The size of the page asked for, after what it begins, and the states of drafts that are on it."""
        query = read_parameters(request, ("limit", "after", "state"))
        state = query.get("state", "")
        if "state" in query and state not in STATES:
            hint = format_hint(nearest_name(state, STATES))
            raise ApiProblem(400, f"`state` is one of: {', '.join(STATES)}.{hint}", parameter="state")
        text, after = query.get("limit", str(DRAFTS_PAGE_SIZE)), query.get("after", "")
        if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= DRAFTS_MAX_PAGE_SIZE):
            raise ApiProblem(400, f"`limit` is a number from 1 to {DRAFTS_MAX_PAGE_SIZE}.", parameter="limit")
        if "\0" in after or len(after) > 60:
            raise ApiProblem(400, "`after` is taken from `next` of the page before.", parameter="after")
        return int(text), after, [state] if state else list(STATES)

    def draft_page_response(self, request: Request, rows: list[DraftRow], after: str | None) -> HttpResponse:
        """A page of drafts."""
        results = [{**row, "url": self.draft_address(request, row["key"])} for row in rows]
        following = None
        if after:
            query = request.query_params.copy()
            query["after"] = after
            following = f"{requested_address(request._request)}?{query.urlencode()}"
        return HttpResponse(orjson.dumps({"results": results, "next": following}), content_type=JSON_CONTENT_TYPE)


class DraftPackages(WorkbenchView):
    """Whole evidence packages."""

    scope = Scope.PACKAGES
    parameters = ("dry_run", "overwrite")

    def post(self, request: Request) -> HttpResponse:
        body = read_json_body(request._request)
        overwrite = is_true_parameter(request, "overwrite", self.parameters)

        def work() -> HttpResponse:
            written = send_package(body=body, by=self.by, overwrite=overwrite)
            done = {"created": written.created, "changed": written.changed, "unchanged": written.unchanged}
            status = 201 if written.created or written.changed else 200
            return HttpResponse(orjson.dumps(done), status=status, content_type=JSON_CONTENT_TYPE)

        return self.write(request, work)


class DraftList(WorkbenchView):
    """The partner's drafts of one collection, and new ones."""

    def get(self, request: Request) -> HttpResponse:
        limit, after, states = self.parse_page(request)
        if after and not (after.isascii() and after.isdigit() and len(after) < 19):
            raise ApiProblem(400, "`after` is taken from `next` of the page before.", parameter="after")
        page = records_of_partner(self.member, self.by, limit, int(after or 0), states)
        return self.draft_page_response(request, *page)

    def post(self, request: Request) -> HttpResponse:
        body = read_json_body(request._request)

        def work() -> HttpResponse:
            entry = send_record(member=self.member, entry=body, by=self.by)
            return entry_response(entry, status=201, location=self.draft_address(request, entry[self.member.key]))

        return self.write(request, work)


class DraftDetail(WorkbenchView):
    """One of the partner's drafts."""

    def get(self, request: Request, key: str) -> HttpResponse:
        read_parameters(request, ())
        with transaction.atomic():
            try:
                record, entry = lock_for_update(self.member, key, self.by)
            except (NoDraft, NotYours) as error:
                raise refusal_problem(error) from error
        return unless_held(request, entry_response(entry, state=record.state))

    def put(self, request: Request, key: str) -> HttpResponse:
        body = read_json_body(request._request)
        return self.replace_draft(request, key, lambda _: body)

    def patch(self, request: Request, key: str) -> HttpResponse:
        body = read_json_body(request._request, MERGE_PATCH)
        return self.replace_draft(request, key, lambda entry: apply_merge_patch(entry, body))

    def replace_draft(self, request: Request, key: str, change: Callable[[Entry], JSONValue]) -> HttpResponse:
        """The draft after a change to its entry."""

        def work() -> HttpResponse:
            record, entry = lock_for_update(self.member, key, self.by)
            require_if_match(request._request, entry)
            require_draft(record)
            return entry_response(send_record(member=self.member, entry=change(entry), by=self.by, replaces=key))

        return self.write(request, work)

    def delete(self, request: Request, key: str) -> HttpResponse:
        def work() -> HttpResponse:
            record, entry = lock_for_update(self.member, key, self.by)
            require_if_match(request._request, entry)
            drafts.delete_draft(record=record, by=self.by)
            return HttpResponse(status=204)

        return self.write(request, work)


class DraftSubmission(WorkbenchView):
    """Handing a draft over for review. Publishing is for two people in the workbench, never for a program."""

    def post(self, request: Request, key: str) -> HttpResponse:
        body = read_json_body(request._request) if request._request.body else {}
        if not isinstance(body, dict) or body.keys() - {"note"} or not isinstance(body.get("note", ""), str):
            raise refusal_problem(
                Unsound(
                    [
                        PackageFault(
                            "", "unknown-field", "The body is empty, or {“note”: “what a reviewer should know”}."
                        )
                    ]
                )
            )
        note = body.get("note", "")
        if len(note) > 2000:
            raise refusal_problem(Unsound([PackageFault("/note", "too-long", "A note has at most 2,000 characters.")]))

        def work() -> HttpResponse:
            record, entry = lock_for_update(self.member, key, self.by)
            if "HTTP_IF_MATCH" in request._request.META:
                require_if_match(request._request, entry)
            missing = drafts.submit_draft(record=record, by=self.by, note=note)
            answer = HttpResponse(
                orjson.dumps({"state": record.state, "missing": missing}), content_type=JSON_CONTENT_TYPE
            )
            answer["Workbench-State"] = str(record.state)  # a plain text: servers take no choice of a field
            return answer

        return self.write(request, work)


def describe_finding_owner(member: PackageMember, record: Publishable) -> dict[str, str]:
    """The case or review that a finding is part of."""
    return {"kind": member.kind, "slug": record.slug}


OWNERS = {member.kind: member for member in BY_NAME.values() if member.findings}


class DraftFindingList(WorkbenchView):
    """Findings of the partner's own case studies and reviews."""

    collection, scope = "findings", Scope.FINDINGS

    def get(self, request: Request) -> HttpResponse:
        return self.draft_page_response(request, *findings_of_partner(self.by, *self.parse_page(request)))

    def post(self, request: Request) -> HttpResponse:
        body = read_json_body(request._request)
        member, slug, finding = self.split_finding(body)

        def work() -> HttpResponse:
            record, entry = lock_for_update(member, slug, self.by)
            require_draft(record)
            number = len(entry.get("findings", []))
            whole = send_finding(member=member, entry=entry, number=number, finding=finding, by=self.by)
            made = {**whole["findings"][number], "part_of": describe_finding_owner(member, record)}
            return entry_response(made, status=201, location=self.draft_address(request, made["code"]))

        return self.write(request, work)

    def split_finding(self, body: JSONValue) -> tuple[PackageMember, str, Entry]:
        """What the finding is part of, and the finding itself."""
        owner = body.get("part_of") if isinstance(body, dict) else None
        kind, slug = (owner.get("kind"), owner.get("slug")) if isinstance(owner, dict) else (None, None)
        if not (isinstance(kind, str) and kind in OWNERS and isinstance(slug, str) and len(owner or {}) == 2):
            words = 'Say what it is part of: "part_of": {"kind": "case-study", "slug": "…"}.'
            raise refusal_problem(Unsound([PackageFault("/part_of", "missing", words)]))
        return OWNERS[kind], slug, {name: value for name, value in body.items() if name != "part_of"}


class DraftFindingDetail(WorkbenchView):
    """One finding of a draft of the partner's."""

    collection, scope = "findings", Scope.FINDINGS

    def get(self, request: Request, key: str) -> HttpResponse:
        read_parameters(request, ())
        with transaction.atomic():
            try:
                member, record, _, finding = lock_finding(key, self.by)
            except (NoDraft, NotYours) as error:
                raise refusal_problem(error) from error
        answer = entry_response({**finding, "part_of": describe_finding_owner(member, record)}, state=record.state)
        return unless_held(request, answer)

    def put(self, request: Request, key: str) -> HttpResponse:
        body = read_json_body(request._request)
        return self.replace_finding(request, key, lambda _: body)

    def patch(self, request: Request, key: str) -> HttpResponse:
        body = read_json_body(request._request, MERGE_PATCH)
        return self.replace_finding(request, key, lambda finding: apply_merge_patch(finding, body))

    def delete(self, request: Request, key: str) -> HttpResponse:
        return self.replace_finding(request, key, None)

    def replace_finding(self, request: Request, key: str, change: Callable[[Entry], JSONValue] | None) -> HttpResponse:
        """The finding after a change, or its absence."""

        def work() -> HttpResponse:
            member, record, entry, finding = lock_finding(key, self.by)
            require_if_match(request._request, finding)
            require_draft(record)
            number = entry["findings"].index(finding)
            mine = describe_finding_owner(member, record)
            new = change({**finding, "part_of": mine}) if change else None
            if isinstance(new, dict):
                if new.get("part_of", mine) != mine:
                    raise Unsound(
                        [PackageFault("/part_of", "not-changeable", "A finding stays with its case or review.")]
                    )
                if new.get("code", key) != key:
                    raise Unsound([PackageFault("/code", "not-changeable", f"A code stays: write “{key}”.")])
                new = {name: value for name, value in new.items() if name != "part_of"}
            elif change:
                raise Unsound([PackageFault("", "wrong-type", "A finding is an object.")])
            whole = send_finding(member=member, entry=entry, number=number, finding=new, by=self.by)
            if new is None:
                return HttpResponse(status=204)
            return entry_response({**whole["findings"][number], "part_of": mine})

        return self.write(request, work)
