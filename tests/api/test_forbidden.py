"""Whatever the contract forbids of a parameter is refused with a 400 that names it, at every operation."""

import re
from urllib.parse import quote, urlencode

import pytest

from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from tests.api.test_contract import CONTRACT
from tests.examples import is_trial
from tests.partners.conftest import Api, case, make_partner, reference

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OPERATIONS = [
    pytest.param(address, method, id=operation["operationId"])
    for address, methods in CONTRACT["paths"].items()
    for method, operation in methods.items()
]
DRAFTS = {  # by collection: what is sent where, and the key that it then has
    "references": ("/references/", reference(), "sent-2026"),
    "case-studies": ("/case-studies/", case(), "sent-case"),
    "findings": ("/case-studies/", case(), "ZZ9-F1"),
}
ALIKE = {kind.api_address for kind in KINDS.values()} - {"recommendations"}
HELD = {"If_Match": '"held"'}  # what is wrong with the address is told before anything else


def resolve(schema):
    """A schema, or the component that it points to."""
    return CONTRACT["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def takes_empty(schema):
    """Whether an empty text is a value of this schema."""
    schema = resolve(schema)
    if any("$ref" in each or each for each in schema.get("anyOf", [])):
        return any(takes_empty({**each, "type": "string"}) for each in schema["anyOf"])
    textual = schema.get("type") == "string" and schema.get("format") not in ("date", "date-time", "uuid", "uri")
    chosen = "" in schema.get("enum", [""])
    return textual and chosen and not schema.get("minLength") and bool(re.search(schema.get("pattern", ""), ""))


def good_value(schema):
    """A value that the schema takes, where it gives one away."""
    schema = resolve(schema)
    if schema.get("format") == "date" or "anyOf" in schema:
        return "2026-11-25"
    return str(schema["enum"][0] if "enum" in schema else schema.get("minimum", schema.get("default", "x")))


def wrong_values(schema, *, explode=True):
    """What the schema of a parameter forbids: lists of texts, as often as the parameter is given."""
    items = resolve(schema.get("items", schema))
    if not takes_empty(items):
        yield [""]
    if "enum" in items:
        yield ["no-such-choice"]
    if "maxLength" in items:
        yield ["x" * (items["maxLength"] + 1)]
    if items.get("pattern"):
        yield ["Ä b"]
    if items.get("type") in ("integer", "number"):
        yield from ([text] for text in ("x", "1.5", "", "٣"))
        yield from ([str(items[name] + step)] for name, step in (("minimum", -1), ("maximum", 1)) if name in items)
    if items.get("type") == "boolean":
        yield from ([text] for text in ("x", "", "True", "1"))
    if items.get("format") == "date" or "anyOf" in items:
        yield from ([text] for text in ("x", "", "20261128", "2026-W48-6", "2026-02-30", "٢٠٢٦-11-28"))
    if "maxItems" in schema and not explode:
        yield [",".join([good_value(items)] * (schema["maxItems"] + 1))]
    if schema.get("type") != "array" or not explode:
        yield [good_value(schema if schema.get("type") != "array" else items)] * 2


def find_collection(address):
    """The word of an address that says what it is about."""
    return address.split("/")[4 if "/workbench/" in address else 3]


def is_alike(address):
    """Whether it is of a kind that answers as recommendations do; of those each parameter is tried with one wrong value."""
    return find_collection(address) in ALIKE and "/workbench/" not in address


@pytest.fixture
def api(settings, address, method):
    """Whoever may ask this: anybody, or a partner with a draft of its sort, or a webhook, whose id is `hook`."""
    if {} in CONTRACT["paths"][address][method]["security"]:
        return Api.without_token()
    settings.WEBHOOKS_TO_LOOPBACK = True
    api = Api(make_partner("institute"))
    if "/workbench/" in address and "{key}" in address:
        where, draft, _ = DRAFTS[find_collection(address)]
        assert api("post", where, draft).status_code == 201
    if "/webhooks/" in address:
        api.hook = api("post", "/api/v1/webhooks/", {"url": "http://127.0.0.1:9/"}).json()["id"]
    return api


def fill_path(address, api):
    """The address of something that is there."""
    collection = find_collection(address)
    known = {"number": "1", "sha256": Edition.objects.current().latest("pk").sha256}
    if "{uuid}" in address:
        known["uuid"] = api.hook
    if "{key}" in address:
        known["key"] = DRAFTS[collection][2]
    if "{slug}" in address:
        kinds = [kind.code for kind in KINDS.values() if kind.api_address == collection]
        first = Edition.objects.filter(kind__in=kinds).current().first()
        known["slug"] = first.slug if first else "none-yet"
    return re.sub(r"\{(\w+)\}", lambda part: known[part[1]], address)


@pytest.mark.parametrize(("address", "method"), OPERATIONS)
def test_what_the_contract_forbids_is_refused(address, method, api):
    described = CONTRACT["paths"][address][method]
    asked = [each for each in described.get("parameters", []) if each["in"] == "query"]
    needed = {"q": "staff"} if address == "/api/v1/search/" else {}
    path, accepted, tried = fill_path(address, api), [], 0
    for parameter in [*asked, {"name": "nope", "schema": {"type": "integer"}}]:
        wrong = list(wrong_values(parameter["schema"], explode=parameter.get("explode", True)))
        if is_alike(address) and not is_trial():
            wrong = [wrong[tried % len(wrong)]]
        for values in wrong:
            rest = {name: value for name, value in needed.items() if name != parameter["name"]}
            query = urlencode([*rest.items(), *((parameter["name"], value) for value in values)], quote_via=quote)
            sent = {} if "requestBody" in described else None
            answer = api(method, f"{path}?{query}", sent, **HELD)
            tried += 1
            named = answer.status_code == 400 and parameter["name"] in answer.json().get("parameter", "")
            if not named:
                accepted.append((query[:150], answer.status_code, answer.content[:200]))
    assert accepted == []
    assert tried
