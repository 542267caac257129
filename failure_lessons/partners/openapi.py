"""What the OpenAPI file says about tokens, quotas and writing."""

from __future__ import annotations

import copy
from typing import Literal, TypedDict, TypeVar

from django.views import View
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

from failure_lessons.packages.format import member_names
from failure_lessons.packages.schema import package_definitions
from failure_lessons.partners.listing import STATES
from failure_lessons.partners.packages import BY_NAME
from failure_lessons.partners.request_bodies import JSON_CONTENT_TYPE, MERGE_PATCH
from failure_lessons.problems import PROBLEM_MEDIA_TYPE
from failure_lessons.publishing.schemas import NAME_KEYWORD
from failure_lessons.types import JSONObject, JSONValue

ViewClass = TypeVar("ViewClass", bound=type[View])
Responses = dict[int | tuple[int, str], OpenApiResponse]  # by status, or status and media type


class DraftOperation(TypedDict, total=False):
    """What is said of one operation on drafts and not of all."""

    operation_id: str
    summary: str
    request: dict[str, JSONObject]
    parameters: list[OpenApiParameter]
    examples: list[OpenApiExample] | None
    responses: Responses


SECURITY = {
    "partnerToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "A partner's token. Reading what is published needs none.",
    }
}
RATE = {
    "RateLimit-Policy": {
        "description": "The quota that applies, after draft-ietf-httpapi-ratelimit-headers-10: `q` requests in `w` "
        "seconds.",
        "schema": {"type": "string"},
        "example": '"anonymous";q=600;w=60',
    },
    "RateLimit": {
        "description": "What is left of it: `r` requests for the next `t` seconds.",
        "schema": {"type": "string"},
        "example": '"anonymous";r=598;t=57',
    },
}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
EVERYWHERE = {
    "400": "The request cannot be read, or a token was sent in its address.",
    "401": "The token sent is wrong, expired or revoked; or one is needed.",
    "403": "The token does not have the scope, or is not accepted from this address.",
    "405": "The address does not know this method.",
    "406": "No format that `Accept` asks for.",
    "414": "The address has more than 8,190 bytes.",
    "429": "The quota is used up.",
    "431": "A header has more than 8,190 bytes, or there are more than a hundred.",
    "500": "Something went wrong on our side.",
    "503": "The service cannot answer just now.",
}
WRITING = {
    "404": "There is no draft with this key.",
    "409": "The record is published or in review, its key is taken, or the same request is still running.",
    "412": "The draft has changed since it was read; `current` has its tag.",
    "413": "The body is larger than 5,000,000 bytes.",
    "415": "The body is not in the format that this address takes.",
    "422": "Not sound evidence; `errors` says where and why. Or the idempotency key belongs to another request.",
    "428": "`If-Match` is missing.",
}
PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
FAULTS = {
    "type": "array",
    "items": {
        NAME_KEYWORD: "Fault",
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "properties": {
            "pointer": {"type": "string", "description": "JSON pointer into what was sent."},
            "code": {"type": "string"},
            "detail": {"type": "string"},
        },
    },
}
ENTRY = {"references": "references", "case-studies": "case-studies", "findings": "finding"}
KEY_OF = {"references": "id", "case-studies": "slug", "findings": "code"}
DRAFT_EXAMPLES = {
    "references": {
        "id": "our-report-2019",
        "type": "report",
        "title": "Transforming Rehabilitation: progress review",
        "author": [{"literal": "National Audit Office"}],
        "issued": {"date-parts": [[2019, 3, 1]]},
    },
    "findings": {
        "code": "E9-F1",
        "statement": "Warnings reached three bodies that did not share them.",
        "phase": "identification",
        "sources": [{"ref": "our-report-2019", "locator": "para. 12"}],
        "part_of": {"kind": "case-study", "slug": "our-case"},
    },
}


def package_schema_ref(name: str) -> dict[str, str]:
    """A definition of the package format as a component of the description."""
    return {"$ref": f"#/components/schemas/package-{name}"}


def point_to_components(schema: JSONValue) -> JSONValue:
    """A definition with its pointers to other definitions turned to components."""
    if isinstance(schema, dict):
        return {
            name: value.replace("#/$defs/", "#/components/schemas/package-")
            if name == "$ref"
            else point_to_components(value)
            for name, value in schema.items()
        }
    return [point_to_components(item) for item in schema] if isinstance(schema, list) else schema


def package_components() -> JSONObject:
    """Every definition of the package format, and the package as one object."""
    made = {f"package-{name}": point_to_components(schema) for name, schema in package_definitions().items()}
    finding = copy.deepcopy(made["package-finding"])
    finding["properties"]["part_of"] = {
        "type": "object",
        "required": ["kind", "slug"],
        "additionalProperties": False,
        NAME_KEYWORD: "PartOfDraft",
        "description": "The draft that the finding is part of.",
        "properties": {
            "kind": {"enum": ["case-study", "literature-review"]},
            "slug": {"type": "string"},
        },
    }
    made["package-finding-alone"] = finding
    made["package"] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["manifest"],
        "properties": {
            "manifest": package_schema_ref("manifest"),
            **{
                name: {"type": "array", "items": package_schema_ref(name)}
                if name in member_names("list", "folder")
                else package_schema_ref(name)
                for name in BY_NAME
            },
        },
    }
    return made


def optional_parameter(
    name: str, where: Literal["query", "header"], description: str, **schema: object
) -> OpenApiParameter:
    """A parameter of text."""
    return OpenApiParameter(name, schema or OpenApiTypes.STR, where, description=description, required=False)


IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, description="The ETag of the draft as read."
)
IDEMPOTENCY = optional_parameter(
    "Idempotency-Key",
    "header",
    "A key of your own for this request, such as a random UUID. Within 24 hours the same request with the same key "
    "gets the same answer, with `Idempotency-Replayed: true`, and does nothing.",
    type="string",
    minLength=1,
    maxLength=255,
)
DRY_RUN = optional_parameter(
    "dry_run",
    "query",
    "`true`: do everything, answer just so, and keep nothing.",
    type="boolean",
    default=False,
)
OVERWRITE = optional_parameter(
    "overwrite",
    "query",
    "`true`: entries also take the place of drafts of yours that are there in other words.",
    type="boolean",
    default=False,
)
LIMIT = optional_parameter("limit", "query", "Drafts a page.", type="integer", minimum=1, maximum=100, default=25)
STATE = optional_parameter("state", "query", "Only drafts in this state.", type="string", enum=STATES)
AFTER = optional_parameter(
    "after", "query", "From `next` of the page before.", type="string", minLength=1, maxLength=60
)
KEYS_BY_MEMBER = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
REPORT = {
    NAME_KEYWORD: "PackageReport",
    "type": "object",
    "required": ["created", "changed", "unchanged"],
    "properties": {
        name: {**KEYS_BY_MEMBER, "description": "Keys by member."} for name in ("created", "changed", "unchanged")
    },
}
DRAFT_PAGE_SCHEMA = {
    NAME_KEYWORD: "DraftPage",
    "type": "object",
    "required": ["results", "next"],
    "properties": {
        "next": {"type": ["string", "null"], "format": "uri"},
        "results": {
            "type": "array",
            "items": {
                NAME_KEYWORD: "DraftInList",
                "type": "object",
                "required": ["key", "title", "state", "review_note", "edited_at", "etag", "url"],
                "properties": {
                    "key": {"type": "string"},
                    "title": {"type": "string"},
                    "state": {"enum": ["draft", "in-review", "published", "withdrawn"]},
                    "review_note": {"type": "string", "description": "Why it was returned."},
                    "edited_at": {"type": "string", "format": "date-time"},
                    "etag": {"type": "string"},
                    "url": {"type": "string", "format": "uri"},
                },
            },
        },
    },
}
SUBMITTED = {
    NAME_KEYWORD: "SubmittedDraft",
    "type": "object",
    "required": ["state", "missing"],
    "properties": {
        "state": {"enum": ["in-review"]},
        "missing": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What it still lacks before anybody can publish it.",
        },
    },
}
NOTE = {
    NAME_KEYWORD: "SubmissionNote",
    "type": "object",
    "additionalProperties": False,
    "properties": {"note": {"type": "string", "maxLength": 2000, "description": "What a reviewer should know."}},
}


def refusal_responses(*statuses: str) -> Responses:
    """Problem answers."""
    return {
        (int(status), PROBLEM_MEDIA_TYPE): OpenApiResponse(PROBLEM_REF, description=WRITING[status])
        for status in statuses
    }


def describe_draft_view(view: ViewClass, collection: str) -> ViewClass:
    """A view of the workbench with its operations described."""
    noun = "".join(word.capitalize() for word in collection.split("-"))
    name = next(
        name
        for name in (
            "DraftPackages",
            "DraftList",
            "DraftDetail",
            "DraftSubmission",
            "DraftFindingList",
            "DraftFindingDetail",
        )
        if any(base.__name__ == name for base in view.__mro__)
    )
    entry = (
        package_schema_ref("finding-alone")
        if collection == "findings"
        else package_schema_ref(ENTRY.get(collection, "references"))
    )
    key = OpenApiParameter(
        "key", OpenApiTypes.STR, OpenApiParameter.PATH, description=f"Its `{KEY_OF.get(collection)}`."
    )
    one: Responses = {(200, JSON_CONTENT_TYPE): OpenApiResponse(entry, description="The draft, its tag in `ETag`.")}
    made: Responses = {
        (201, JSON_CONTENT_TYPE): OpenApiResponse(entry, description="The new draft, its address in `Location`.")
    }
    gone: Responses = {204: OpenApiResponse(description="It is gone.")}
    body = {JSON_CONTENT_TYPE: entry}
    examples = (
        [OpenApiExample(collection, DRAFT_EXAMPLES[collection], request_only=True)]
        if collection in DRAFT_EXAMPLES
        else None
    )
    change = [key, IF_MATCH, DRY_RUN]
    all_of = refusal_responses("404", "409", "412", "413", "415", "422", "428")
    operations: dict[str, dict[str, DraftOperation]] = {
        "DraftPackages": {
            "post": {
                "operation_id": "sendPackage",
                "summary": "Send a whole evidence package",
                "request": {JSON_CONTENT_TYPE: {"$ref": "#/components/schemas/package"}},
                "parameters": [DRY_RUN, OVERWRITE, IDEMPOTENCY],
                "responses": {
                    (201, JSON_CONTENT_TYPE): OpenApiResponse(REPORT, description="What was written."),
                    (200, JSON_CONTENT_TYPE): OpenApiResponse(REPORT, description="Everything was there already."),
                    **refusal_responses("409", "413", "415", "422"),
                },
            }
        },
        "DraftList": {
            "get": {
                "operation_id": f"list{noun}Drafts",
                "summary": f"Your drafts: {collection}",
                "parameters": [LIMIT, AFTER, STATE],
                "responses": {(200, JSON_CONTENT_TYPE): OpenApiResponse(DRAFT_PAGE_SCHEMA, description="A page.")},
            },
            "post": {
                "operation_id": f"send{noun}",
                "summary": f"Send a draft: {collection}",
                "request": body,
                "parameters": [DRY_RUN, IDEMPOTENCY],
                "examples": examples,
                "responses": {**made, **refusal_responses("404", "409", "413", "415", "422")},
            },
        },
        "DraftDetail": {
            "get": {
                "operation_id": f"get{noun}Draft",
                "summary": f"A draft: {collection}",
                "parameters": [key],
                "responses": {**one, **refusal_responses("404")},
            },
            "put": {
                "operation_id": f"replace{noun}Draft",
                "summary": f"Replace a draft: {collection}",
                "request": body,
                "parameters": change,
                "responses": {**one, **all_of},
            },
            "patch": {
                "operation_id": f"change{noun}Draft",
                "summary": f"Change a draft: {collection}",
                "request": {MERGE_PATCH: {"type": "object", "description": "RFC 7396."}},
                "parameters": change,
                "responses": {**one, **all_of},
            },
            "delete": {
                "operation_id": f"delete{noun}Draft",
                "summary": f"Delete a draft: {collection}",
                "parameters": change,
                "responses": {**gone, **refusal_responses("404", "409", "412", "422", "428")},
            },
        },
        "DraftSubmission": {
            "post": {
                "operation_id": f"submit{noun}Draft",
                "summary": f"Hand a draft over for review: {collection}",
                "request": {JSON_CONTENT_TYPE: NOTE},
                "parameters": [key, DRY_RUN, IDEMPOTENCY],
                "responses": {
                    (200, JSON_CONTENT_TYPE): OpenApiResponse(SUBMITTED, description="It is in review."),
                    **refusal_responses("404", "409", "412", "413", "415", "422"),
                },
            }
        },
    }
    operations["DraftFindingList"], operations["DraftFindingDetail"] = (
        operations["DraftList"],
        operations["DraftDetail"],
    )
    for method, said in operations[name].items():
        # `auth` may be objects, which its types forget
        told = extend_schema(**said, tags=["workbench"], auth=[{"partnerToken": []}], description="")  # type: ignore[list-item]
        view = extend_schema_view(**{method: told})(view)
    return view


SHARED_RESPONSE_NAMES = {
    "400": "BadRequest",
    "401": "Unauthorised",
    "403": "Forbidden",
    "405": "MethodNotAllowed",
    "406": "NotAcceptable",
    "414": "AddressTooLong",
    "429": "TooManyRequests",
    "431": "HeadersTooLarge",
    "500": "Error",
    "503": "Unavailable",
}


def headers_of(status: str) -> JSONObject:
    """The header fields of an answer with this status, by name."""
    if status in ("414", "431"):
        return {}  # refused before anybody counts
    names = [*RATE, *(RETRY if status in ("429", "503") else ())]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def add_quota_responses(result: JSONObject, **_: object) -> JSONObject:
    """What every operation has in common: RateLimit fields on each answer, the refusals that can meet anybody, and the
    package format among the components. A postprocessing hook of drf-spectacular."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas |= package_components()
    if "Problem" in schemas:
        schemas["Problem"].setdefault("properties", {}).setdefault("errors", FAULTS_OR_REASONS)
    parts = result["components"]
    parts.setdefault("securitySchemes", {}).update(SECURITY)
    parts["headers"] = {**RATE, **RETRY}
    parts["responses"] = {
        SHARED_RESPONSE_NAMES[status]: {
            "description": words,
            "content": {PROBLEM_MEDIA_TYPE: {"schema": PROBLEM_REF}},
            "headers": headers_of(status),
        }
        for status, words in EVERYWHERE.items()
    }
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            responses = operation["responses"]
            for status in EVERYWHERE:
                responses.setdefault(status, {"$ref": f"#/components/responses/{SHARED_RESPONSE_NAMES[status]}"})
            for status, response in responses.items():
                if "$ref" not in response:
                    response.setdefault("headers", {}).update(headers_of(status))
            operation["responses"] = dict(sorted(responses.items()))
            if {} in operation.get("security", [{}]):
                operation["security"] = [{}, {"partnerToken": []}]
    return result


FAULTS_OR_REASONS = {
    "type": "array",
    "description": "Everything that is wrong, where more than one thing can be: faults with a JSON pointer or the name "
    "of a parameter, or reasons in words.",
    "items": {"anyOf": [FAULTS["items"], {"type": "object"}, {"type": "string"}]},
}
