"""What somebody with a token, or without one, might try."""

import ast
import copy
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import CaseFinding, CaseStudy, Organisation
from failure_lessons.access.models import Token
from failure_lessons.access.tokens import revoke_token
from failure_lessons.accounts.models import User
from failure_lessons.partners.models import Draft
from failure_lessons.partners.ownership import claim_records
from failure_lessons.partners.request_bodies import apply_merge_patch, parse_if_match
from failure_lessons.problems import ApiProblem
from failure_lessons.publishing import services
from failure_lessons.publishing.models import Edition
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference
from recommendations.models import Recommendation
from tests.examples import examples
from tests.partners.conftest import MANIFEST, Api, case, reference, whole

pytestmark = pytest.mark.django_db
PACKAGE = Path(__file__).resolve().parents[2] / "failure_lessons" / "partners"


def test_no_code_for_partners_can_publish():
    forbidden = {
        "publish_record",
        "publish_many",
        "correct_record",
        "withdraw_record",
        "load_package",
        "write_editions",
        "LedgerWriter",
    }
    made = {name for name in forbidden if hasattr(services, name)}
    assert made == forbidden - {"load_package"}  # names that went would forbid nothing
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()
            names |= {node.attr} if isinstance(node, ast.Attribute) else set()
            assert not names & forbidden, path


@pytest.mark.parametrize(
    "extra",
    [
        "state",
        "submitted_by",
        "record_id",
        "pk",
        "id_",
        "edited_at",
        "review_note",
        "partner",
        "slug",
        "draft",
        "revision",
    ],
)
def test_mass_assignment_is_refused_by_pointer(extra, api):
    for answer in (
        api("post", "/references/", reference(**{extra: "published"})),
        api("post", "/packages/", whole(references=[reference(**{extra: "published"})])),
    ):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].endswith(f"/{extra}")
        assert answer.json()["errors"][0]["code"] == "unknown-field"
    assert not Draft.objects.exists()


RAW = [
    (b" ", 400),
    (b"{", 400),
    (b"[]", 422),
    (b"null", 422),
    (b'"x"', 422),
    (b"1", 422),
    (b"NaN", 400),
    (b"Infinity", 400),
    (b'{"id": "a", "id": "b"}', 400),
    (b'{"id": "a\\u0000"}', 400),
    (b'{"id": "a\x00"}', 400),
    (b'{"id": "\\ud800"}', 400),
    (b"\xff\xfe{\x00}\x00", 400),
    (b'{"id": "\xe9"}', 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 500 + b"1" + b"}" * 500, 400),
    (b"[" + b"1," * 1_000_000 + b"1]", 400),
    (b'{"id": ' + b"9" * 5000 + b"}", 400),
    (b'{"id": 1e400}', 400),
    (b'{"a": [' + b"[]," * 30_000 + b"[]]}", 400),
    (b"\xef\xbb\xbf{}", 400),
    (b"{}{}", 400),
    (b"{'id': 'a'}", 400),
]


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/references/", "/packages/", "/case-studies/", "/findings/"])
def test_hostile_bodies_are_refused(address, api):
    faults = []
    for raw, status in RAW:
        answer = api("post", address, raw=raw)
        refused = (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        if not refused or len(answer.content) >= 20_000:
            faults.append(f"{raw[:40]!r}: {answer.status_code} in place of {status}, {answer.content[:200]!r}")
    assert not faults, "\n".join(faults)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("application/json;charset=UTF-8", 201),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("text/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
        ("application/merge-patch+json", 415),
        ("application/json-seq", 415),
        ("application/jsonp", 415),
        ("x" * 3000, 415),
    ],
)
def test_only_json_in_utf8_is_read(content_type, status, api):
    answer = api("post", "/references/", raw=json.dumps(reference()).encode(), content_type=content_type)
    assert answer.status_code == status
    if status == 415:
        assert answer["Accept-Post"] == "application/json"


def test_patch_wants_a_merge_patch_and_nothing_compressed(api):
    api("post", "/references/", reference())
    tag = api("get", "/references/sent-2026/")["ETag"]
    for kind in ("application/json-patch+json", "text/plain"):
        answer = api("patch", "/references/sent-2026/", raw=b"{}", content_type=kind, If_Match=tag)
        assert answer.status_code == 415
        assert answer["Accept-Patch"] == "application/merge-patch+json"
    assert api("post", "/references/", reference("b-1"), Content_Encoding="gzip").status_code == 415


def test_too_many_records_and_too_many_faults(api):
    many = api("post", "/packages/", whole(references=[reference(f"r-{n}") for n in range(2001)]))
    assert many.status_code == 422
    assert many.json()["errors"][0]["code"] == "too-many"
    wrong = api("post", "/packages/", whole(references=[{} for _ in range(2000)]))
    assert wrong.status_code == 422
    assert len(wrong.json()["errors"]) == 100


@pytest.mark.slow
@pytest.mark.parametrize("number", [200, pytest.param(2000, marks=pytest.mark.trials)])
def test_two_thousand_records_at_once(api, number):
    answer = api("post", "/packages/", whole(references=[reference(f"r-{n}") for n in range(number)]))
    assert answer.status_code == 201
    assert Reference.objects.filter(slug__startswith="r-").count() == number


def snapshot():
    return {
        model: list(model._default_manager.order_by("pk").values())
        for model in (Reference, Theme, CaseStudy, CaseFinding, Organisation, Recommendation)
    }


@pytest.mark.slow
def test_a_package_cannot_reach_into_what_belongs_to_others(api, shipped):
    """Existing records of every kind, by key, by code, and through what is nested in a case."""
    before = snapshot()
    first = {name: copy.deepcopy(entries[0]) for name, entries in shipped.members.items() if entries}
    tries = [
        ("references", {**first["references"], "title": "Taken over"}, 403),
        ("themes", {**first["themes"], "scope_note": "Taken over"}, 403),
        ("glossary", {**first["glossary"], "definition": "Taken over"}, 403),
        ("case-studies", {**first["case-studies"], "title": "Taken over"}, 403),
        ("literature-reviews", {**first["literature-reviews"], "title": "Taken over"}, 403),
        ("lessons", {**first["lessons"], "title": "Taken over"}, 403),
        ("lessons", {**first["lessons"], "slug": "my-own"}, 409),
        ("recommendations", {**first["recommendations"], "title": "Taken over"}, 403),
        ("recommendations", {**first["recommendations"], "slug": "my-own", "relations": []}, 409),
        ("case-studies", case(code=first["case-studies"]["findings"][0]["code"]), 409),
        ("case-studies", case(code=first["literature-reviews"]["findings"][0]["code"]), 409),
        (
            "case-studies",
            case(organisations=[{**first["case-studies"]["organisations"][0], "name": "Taken over"}]),
            403,
        ),
    ]
    for member, entry, status in tries:
        answer = api("post", "/packages/?overwrite=true", whole(**{member: [entry]}))
        assert answer.status_code == status, (member, answer.json())
        assert answer.json()["errors"][0]["pointer"].startswith(f"/{member}/0/")
    assert snapshot() == before
    assert not Draft.objects.exists()


@pytest.mark.slow
def test_what_is_published_may_stand_in_a_package_as_it_is(api, shipped):
    body = {
        "manifest": MANIFEST,
        **{
            name: entries
            for name, entries in shipped.members.items()
            if name in ("references", "themes", "case-studies")
        },
    }
    answer = api("post", "/packages/", copy.deepcopy(body))
    assert answer.status_code == 200, answer.json()
    assert sum(map(len, answer.json()["unchanged"].values())) == 466 + 22 + 6
    assert not Draft.objects.exists()


@pytest.mark.slow
def test_partners_cannot_read_or_change_each_others_drafts(api, other):
    api("post", "/packages/", whole(references=[reference()], **{"case-studies": [case()]}))
    tag = api("get", "/references/sent-2026/")["ETag"]
    before = snapshot()
    for address, body in (
        ("/references/sent-2026/", reference(title="x")),
        ("/case-studies/sent-case/", case(title="x")),
        ("/findings/ZZ9-F1/", case()["findings"][0]),
        ("/references/acc-2021/", reference("acc-2021")),
    ):
        for method in ("get", "put", "patch", "delete"):
            answer = other(method, address, None if method in ("get", "delete") else body, If_Match=tag)
            assert answer.status_code == 403, (method, address)
            assert "sent" not in answer.json()["detail"]
            assert "ETag" not in answer
    assert other("post", "/case-studies/sent-case/submit/").status_code == 403
    new = {"code": "ZZ9-F2", "statement": "S", "phase": "resolution", "sources": [{"ref": "acc-2021"}]}
    assert (
        other("post", "/findings/", {**new, "part_of": {"kind": "case-study", "slug": "sent-case"}}).status_code == 403
    )
    assert other("post", "/packages/?overwrite=true", whole(references=[reference(title="x")])).status_code == 403
    assert other("post", "/references/", reference(title="x")).status_code == 409
    for address in ("/references/", "/case-studies/", "/findings/"):
        assert other("get", address).json()["results"] == []
    assert snapshot() == before


def test_drafts_of_others_show_in_no_hint(api, other):
    api(
        "post",
        "/packages/",
        whole(references=[reference("secretword-2026")], **{"case-studies": [case("secretword-case", "ZZ9-F1")]}),
    )
    for body in (case("mine", "ZZ7-F1", source="secretword-2025"), case("mine", "ZZ7-F1", source="secretword-2026")):
        answer = other("post", "/case-studies/", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "no-such-record"
        assert "Did you mean “secretword" not in answer.content.decode()


def test_a_token_revoked_while_a_write_runs_writes_nothing(api, monkeypatch):
    def claim_late(*args, **kwargs):
        revoke_token(token=Token.objects.get(pk=api.token.pk), by=None)
        return claim_records(*args, **kwargs)

    monkeypatch.setattr("failure_lessons.partners.drafts.claim_records", claim_late)
    answer = api("post", "/references/", reference(), Idempotency_Key="k")
    assert answer.status_code == 401
    assert not Reference.objects.filter(slug="sent-2026").exists()


@pytest.mark.slow
@pytest.mark.parametrize("header", ["", "*", '""', 'W/"x"', '"x", "y"'])
def test_if_match_that_does_not_match(header, api):
    api("post", "/references/", reference())
    tag = api("get", "/references/sent-2026/")["ETag"]
    answer = api("delete", "/references/sent-2026/", If_Match=header)
    assert answer.status_code == (428 if header in ("", "*") else 412)
    if answer.status_code == 412:
        assert answer.json()["current"] == answer["ETag"] == tag
    assert api("delete", "/references/sent-2026/", If_Match=f"W/{tag}").status_code == 412
    assert api("delete", "/references/sent-2026/", If_Match="rubbish").status_code == 400
    assert api("delete", "/references/sent-2026/", If_Match=f'"other", {tag}').status_code == 204


@given(st.text(max_size=40))
def test_no_if_match_breaks_it(text):
    try:
        tags = parse_if_match(text)
    except ApiProblem as error:
        tags = [f'"{error.status_code}"']
    assert all(tag.startswith('"') for tag in tags)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)


def without_nulls(value):
    return {k: without_nulls(v) for k, v in value.items() if v is not None} if isinstance(value, dict) else value


@given(values, values)
def test_a_merge_patch_is_idempotent_and_leaves_its_target_alone(target, patch):
    before = copy.deepcopy(target)
    once = apply_merge_patch(target, patch)
    assert target == before
    assert apply_merge_patch(once, patch) == once
    if isinstance(target, dict):
        assert apply_merge_patch(target, {}) == target
    assert apply_merge_patch({}, without_nulls(target)) == without_nulls(target)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # the examples of RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_as_the_rfc_has_it(target, patch, result):
    assert apply_merge_patch(target, patch) == result


JUNK = [
    None,
    True,
    0,
    -1,
    2**53,
    1.5,
    "",
    "x",
    "\u202e",
    "x" * 25_000,
    [],
    {},
    [[]],
    [None],
    {"a": {}},
    "[ref: nope]",
    "9999-99-99",
    "[ref: " * 50,
    "ﬀ\U0001f4a9",
    ["x"],
    {"ref": 1},
    {"$ref": "#"},
]


def paths(value, here=()):
    yield here
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(item, (*here, key))


@pytest.mark.slow
@pytest.mark.parametrize("throws", [5, pytest.param(30, marks=pytest.mark.trials)])
def test_wrong_types_anywhere_are_never_a_500(throws, api, shipped):
    """A shipped record of each kind, with rubbish put into places chosen by a fixed dice."""
    dice = random.Random(2026)  # noqa: S311  # rubbish, not secrets
    before = set(Edition.objects.values_list("pk", flat=True))
    statuses = set()
    for member, entries in shipped.members.items():
        for _ in range(throws):
            entry = copy.deepcopy(entries[0])
            target = dice.choice([path for path in paths(entry) if path])
            place = entry
            for key in target[:-1]:
                place = place[key]
            place[target[-1]] = dice.choice(JUNK)
            content = entry if member in ("comparison", "consultation-template") else [entry]
            answer = api("post", "/packages/?overwrite=true", whole(**{member: content}))
            statuses.add(answer.status_code)
            assert answer.status_code in (200, 201, 400, 403, 409, 422), (member, target, answer.content)
    assert {403, 422} <= statuses
    assert set(Edition.objects.values_list("pk", flat=True)) == before


@pytest.mark.slow
@examples(60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "type", "title", "code", "slug", "part_of", "manifest", "references", "findings", "x"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_random_json_is_never_a_500(api, body):
    for address in ("/references/", "/case-studies/", "/findings/", "/packages/", "/references/sent-2026/submit/"):
        answer = api("post", f"{address}?dry_run=true", raw=json.dumps(body).encode())
        assert answer.status_code in (400, 404, 422), answer.content


def test_scopes_cannot_be_widened_by_what_is_sent(partner):
    api = Api(partner, ["write:references"])
    for more in ({"Scope": "write:packages"}, {"X-Scope": "admin"}, {"X-HTTP-Method-Override": "DELETE"}):
        sent = {name.replace("-", "_"): value for name, value in more.items()}
        assert api("post", "/packages/", whole(references=[reference()]), **sent).status_code == 403
    assert list(Token.objects.values_list("scopes", flat=True)) == [["write:references"]]
    assert not User.objects.filter(is_staff=True, username=partner.username).exists()
