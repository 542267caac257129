"""One call of every operation of the contract, and the programs that make them with generated clients."""

import json
import re
from dataclasses import dataclass, field

import httpx

from tests.api.test_contract import CONTRACT

PARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
REFERENCE = {"id": "generated-report", "type": "report", "title": "A report", "issued": {"date-parts": [[2019, 3]]}}
CASE = {
    "slug": "generated-case",
    "title": "A case",
    "sector": "education",
    "period": {"start": "1996", "end": "1998"},
    "failure_types": ["governance"],
    "summary": "What happened.",
    "findings": [],
}
FINDING = {
    "code": "E99-F1",
    "statement": "Warnings were not shared.",
    "phase": "identification",
    "sources": [{"ref": REFERENCE["id"], "locator": "p. 3"}],
    "part_of": {"kind": "case-study", "slug": CASE["slug"]},
}
DRY = {"dry_run": True}
SAVED = {"$etag": "etag", "$uuid": "uuid"}  # what a call before has brought


@dataclass
class Call:
    """What is sent to one operation, and the status that it answers with."""

    name: str
    status: int = 200
    path: dict = field(default_factory=dict)
    query: dict = field(default_factory=dict)
    header: dict = field(default_factory=dict)
    body: object = None

    def __post_init__(self):
        self.address, self.method, self.operation = next(
            (address, method, operation)
            for address, methods in CONTRACT["paths"].items()
            for method, operation in methods.items()
            if operation["operationId"] == self.name
        )

    @property
    def media_type(self):
        return next(iter(self.operation.get("requestBody", {}).get("content", {"": None})))


def reading_calls(site, sha256):
    """Every operation that reads what is published, with a record of each kind; 404 where there is none yet."""
    for address, methods in CONTRACT["paths"].items():
        if "get" not in methods or re.match(r"/api/v1/(workbench|webhooks)/", address):
            continue
        collection = address.split("/")[3]
        path, query, status = {}, {}, 200
        if "{slug}" in address:
            found = httpx.get(f"{site}/api/v1/{collection}/?limit=1", timeout=60).json()["results"]
            path["slug"] = found[0].get("slug") or found[0]["body"] if found else "none-yet"
            status = 200 if found else 404
        if "{number}" in address:
            path["number"] = 1
        if address == "/api/v1/search/":
            query["q"] = "staff"
        if address == "/api/v1/editions/{sha256}/":
            path["sha256"] = sha256
        if address == "/api/v1/check/":
            query["sha256"] = [sha256]
        yield Call(methods["get"]["operationId"], status, path, query)


def all_calls(site):
    """Reading, then the life of drafts and of a webhook. Nothing is left behind."""
    sha256 = httpx.get(f"{site}/api/v1/lessons/?limit=1", timeout=60).json()["results"][0]["edition"]["sha256"]
    yield from reading_calls(site, sha256)
    yield Call("checkMany", body={"sha256": [sha256]})
    drafts = [("References", REFERENCE, "id"), ("CaseStudies", CASE, "slug"), ("Findings", FINDING, "code")]
    for noun, entry, _key in drafts:
        yield Call(f"send{noun}", 201, body=entry)
    for noun, entry, key in reversed(drafts):
        yield from life_of_draft(noun, entry, entry[key])
    yield Call("sendPackage", 201, query=DRY, body={"manifest": {**MANIFEST}, "references": [REFERENCE]})
    yield Call("createWebhook", 201, body={"url": "https://example.org/hook", "kinds": ["lesson"]})
    own = {"uuid": "$uuid"}
    yield Call("listWebhooks")
    yield Call("getWebhook", path=own)
    yield Call("changeWebhook", path=own, body={"description": "Ours"})
    yield Call("testWebhook", path=own)
    yield Call("redeliverWebhook", path=own, body={"revision": 1})
    yield Call("replayWebhook", path=own, body={"since": 1})
    yield Call("listWebhookDeliveries", path=own)
    yield Call("renewWebhookSecret", path=own)
    yield Call("disableWebhook", path=own)
    yield Call("enableWebhook", path=own)
    yield Call("deleteWebhook", 204, path=own)


MANIFEST = {"format": "failure-lessons-evidence", "version": 1, "title": "Generated"}


def life_of_draft(noun, entry, key):
    """From a draft that was sent to its deletion; handing over and changing are tried dry."""
    held, another = {"If-Match": "$etag"}, {"statement" if noun == "Findings" else "title": "Other words"}
    yield Call(f"list{noun}Drafts")
    yield Call(f"get{noun}Draft", path={"key": key})
    yield Call(f"replace{noun}Draft", path={"key": key}, query=DRY, header=held, body=entry)
    yield Call(f"change{noun}Draft", path={"key": key}, query=DRY, header=held, body=another)
    if noun != "Findings":  # which go along with their case
        yield Call(f"submit{noun}Draft", path={"key": key}, query=DRY, body={"note": "Read it."})
    yield Call(f"delete{noun}Draft", 204, path={"key": key}, header=held)


def literal(value):
    """JSON in a program, with what a call before has brought as a variable."""
    text = json.dumps(value)
    for mark, variable in SAVED.items():
        text = text.replace(json.dumps(mark), variable)
    return text


def typescript_program(calls, site, token):
    """A program for openapi-fetch that makes the calls in turn, and fails at the first that goes otherwise."""
    lines = [
        'import createClient from "openapi-fetch";',
        'import type { paths } from "./contract";',
        'const client = createClient<paths, "application/json" | "application/merge-patch+json">({',
        f'  baseUrl: {json.dumps(site)}, headers: {{ Authorization: "Bearer {token}" }} }});',
        'let etag = "", uuid = "";',
        "function expect(name: string, wanted: number, response: Response, error: unknown): void {",
        "  if (/^get.*Draft$/.test(name)) etag = response.headers.get('ETag') ?? '';",
        "  if (response.status !== wanted) throw new Error(`${name}: ${response.status} ${JSON.stringify(error)}`);",
        "}",
    ]
    for number, call in enumerate(calls):
        params = {name: getattr(call, name) for name in ("path", "query", "header") if getattr(call, name)}
        sent = f"params: {literal(params)}" + (f", body: {literal(call.body)}" if call.body is not None else "")
        if call.media_type not in ("", "application/json"):
            sent += f', headers: {{ "Content-Type": "{call.media_type}" }}'
        made = f'client.{call.method.upper()}("{call.address}", {{ {sent} }})'
        lines.append(f"const a{number} = await {made};")
        lines.append(f'expect("{call.name}", {call.status}, a{number}.response, a{number}.error);')
        if call.name == "createWebhook":
            lines.append(f"uuid = a{number}.data!.id;")
    lines.append('console.log("done");')
    return "\n".join(lines) + "\n"


def snake_case(name):
    return PARTS.sub("_", name).replace("-", "_").lower()


def python_program(calls, site, token):
    """The same for openapi-python-client."""
    imports, lines = [], []
    for number, call in enumerate(calls):
        tag = re.sub(r"[- ]", "_", call.operation["tags"][0])
        imports.append(f"from generated.api.{tag} import {snake_case(call.name)} as call{number}")
        given = [
            f"{snake_case(name)}={value if isinstance(value, bool) else literal(value)}"
            for name, value in {**call.path, **call.query, **call.header}.items()
        ]
        if "uuid" in call.path:
            given = [each.replace("uuid=uuid", "uuid=UUID(uuid)") for each in given]
        if call.body is not None:
            given.append(f"body={python_body(call, imports)}")
        lines += [f"a{number} = call{number}.sync_detailed(client=client, {', '.join(given)})"]
        lines.append(
            f'expect("{call.name}", {call.status}, a{number}.status_code, a{number}.headers, a{number}.parsed)'
        )
        if call.name == "createWebhook":
            lines.append(f"assert isinstance(a{number}.parsed, WebhookWithSecret)\nuuid = str(a{number}.parsed.id)")
    head = [
        "from collections.abc import MutableMapping",
        "from uuid import UUID",
        "",
        "from generated import AuthenticatedClient",
        "from generated.models import Problem, WebhookWithSecret",
        *dict.fromkeys(imports),
        "",
        f'client = AuthenticatedClient(base_url="{site}", token="{token}")',
        'etag, uuid = "", ""',
        "",
        "",
        "def expect(name: str, wanted: int, status: int, headers: MutableMapping[str, str], parsed: object) -> None:",
        "    global etag",
        '    if name.startswith("get") and name.endswith("Draft"):',
        '        etag = headers["ETag"]',
        "    assert status == wanted, (name, status, parsed)",
        "    assert wanted == 204 or (parsed is not None and isinstance(parsed, Problem) == (wanted > 399)), (name, parsed)",
        "",
        "",
    ]
    return "\n".join([*head, *lines, 'print("done")']) + "\n"


def python_body(call, imports):
    """The body as an object of its generated class."""
    schema = call.operation["requestBody"]["content"][call.media_type]["schema"]
    name = schema["$ref"].rpartition("/")[2] if "$ref" in schema else f"{call.name[0].upper()}{call.name[1:]}Body"
    name = "".join(part[0].upper() + part[1:] for part in name.split("-"))
    imports.append(f"from generated.models import {name}")
    return f"{name}.from_dict({literal(call.body)})"
