"""Partners write drafts: never published, never half, never over somebody else's work."""

import copy

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from jsonschema import Draft202012Validator

from casestudies.models import CaseFinding, CaseStudy, Organisation
from failure_lessons.accounts.models import User
from failure_lessons.packages.schema import package_definitions
from failure_lessons.partners.models import Draft, Sent
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.services import CannotPublish, publish_record, return_to_author
from failure_lessons.vocabularies.models import VocabularyTerm
from literature.models import LiteratureReview, Reference
from recommendations.models import Lesson
from tests.partners.conftest import case, reference, whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unchanged_library")]


def test_a_reference_is_sent_read_changed_and_deleted(api, client):
    made = api("post", "/references/", reference(author=[{"literal": "Ofsted"}]))
    assert made.status_code == 201
    address = made["Location"].removeprefix("http://testserver")
    read = api("get", address)
    assert read.json() == made.json() == reference(author=[{"literal": "Ofsted"}])
    assert read["ETag"] == made["ETag"]
    assert read["Cache-Control"] == "no-store"
    changed = api("patch", address, {"title": "Other", "author": None}, If_Match=read["ETag"])
    assert changed.status_code == 200
    assert changed.json() == reference(title="Other")
    assert changed["ETag"] != read["ETag"]
    replaced = api("put", address, reference(publisher="HMSO"), If_Match=changed["ETag"])
    assert replaced.json() == reference(publisher="HMSO")
    assert Reference.objects.get(slug="sent-2026").publisher == "HMSO"
    assert client.get("/references/sent-2026/").status_code == 404
    assert client.get("/api/v1/references/sent-2026/").status_code == 404
    assert api("delete", address, If_Match=replaced["ETag"]).status_code == 204
    assert api("get", address).status_code == 404
    assert not Reference.objects.filter(slug="sent-2026").exists()
    assert not Draft.objects.exists()


def test_no_public_door_shows_what_was_sent(api, client):
    word = "zebrafishsentword"
    api("post", "/packages/", whole(references=[reference(title=word)], **{"case-studies": [case(title=word)]}))
    assert CaseStudy.objects.filter(title=word).exists()
    for address in (
        "/",
        "/case-studies/",
        "/references/",
        "/findings/",
        "/api/v1/references/?limit=100",
        "/api/v1/case-studies/",
        "/api/v1/findings/?limit=100",
        "/api/v1/",
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert word not in page.content.decode()
    for address in ("/search/", "/api/v1/references/"):  # they echo the question, and say no more than for any word
        other = client.get(address, {"q": "quaggafishword"}).content.decode()
        assert client.get(address, {"q": word}).content.decode().replace(word, "quaggafishword") == other
    for address in ("/case-studies/sent-case/", "/api/v1/findings/zz9-f1/", "/api/v1/case-studies/sent-case/"):
        assert client.get(address).status_code == 404


def test_a_package_is_written_whole(api):
    body = whole(
        references=[reference(), reference("two-2026")],
        themes=[{"slug": "sent-theme", "label": "Sent theme", "scope_note": "Use it."}],
        **{
            "case-studies": [
                case(source="two-2026", organisations=[{"slug": "sent-school", "name": "School", "type": "school"}])
            ]
        },
    )
    answer = api("post", "/packages/", body)
    assert answer.status_code == 201, answer.json()
    assert answer.json() == {
        "created": {"themes": ["sent-theme"], "references": ["sent-2026", "two-2026"], "case-studies": ["sent-case"]},
        "changed": {},
        "unchanged": {},
    }
    assert CaseFinding.objects.get(code="ZZ9-F1").citations.get().reference.slug == "two-2026"
    assert set(Draft.objects.values_list("kind", "slug")) == {
        ("theme", "sent-theme"),
        ("reference", "sent-2026"),
        ("reference", "two-2026"),
        ("case-study", "sent-case"),
        ("organisation", "sent-school"),
    }
    again = api("post", "/packages/", body)
    assert again.status_code == 200
    assert again.json()["created"] == again.json()["changed"] == {}
    assert {entry.change_message for entry in LogEntry.objects.all()} == {"By API."}


def test_a_package_replaces_own_drafts_only_when_asked(api):
    api("post", "/references/", reference())
    body = whole(references=[reference(title="New")])
    answer = api("post", "/packages/", body)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["pointer"] == "/references/0/id"
    assert Reference.objects.get(slug="sent-2026").title == "A report that was sent"
    answer = api("post", "/packages/?overwrite=true", body)
    assert answer.json()["changed"] == {"references": ["sent-2026"]}
    assert Reference.objects.get(slug="sent-2026").title == "New"


def test_a_fault_anywhere_writes_nothing_and_is_pointed_at(api):
    bad = case("bad-case", "ZZ8-F1")
    bad["events"][0]["date"] = "20/08/2018"
    body = whole(references=[reference()], **{"case-studies": [case(), bad]})
    answer = api("post", "/packages/", body)
    assert answer.status_code == 422
    assert (
        answer.json()["errors"]
        == [
            {
                "pointer": "/case-studies/1/events/0/date",
                "code": "not-a-date",
                "detail": "“20/08/2018” is not an EDTF date: write 2018-08-20.",
            }
        ]
        or answer.json()["errors"][0]["pointer"] == "/case-studies/1/events/0/date"
    )
    assert not Reference.objects.filter(slug="sent-2026").exists()
    assert not Draft.objects.exists()


def at(value, pointer):
    """The value at a JSON pointer, or at the object that lacks it."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "pointer", "code"),
    [
        (lambda b: b["references"][0].update(titel="x"), "/references/0/titel", "unknown-field"),
        (lambda b: b["references"][0].pop("title"), "/references/0", "missing"),
        (lambda b: b["references"][0].update(title=5), "/references/0/title", "wrong-type"),
        (lambda b: b["references"][0].update(type="blog"), "/references/0/type", "unknown-code"),
        (lambda b: b["references"][0].update(id="Bad Key"), "/references/0/id", "badly-written"),
        (lambda b: b["references"][0].update(id="bad\n"), "/references/0/id", "badly-written"),
        (lambda b: b["references"][0].update(title="x" * 501), "/references/0/title", "too-long"),
        (lambda b: b["references"].append("x"), "/references/1", "wrong-type"),
        (
            lambda b: b["case-studies"][0]["findings"][0]["sources"][0].update(ref="nope"),
            "/case-studies/0/findings/0/sources/0/ref",
            "no-such-record",
        ),
        (
            lambda b: b["case-studies"][0]["findings"][0].update(themes=["nope"]),
            "/case-studies/0/findings/0/themes/0",
            "no-such-record",
        ),
        (lambda b: b["case-studies"].append(copy.deepcopy(b["case-studies"][0])), None, "unsound"),
        (
            lambda b: b["case-studies"][0].update(failure_types=["quality", "saftey"]),
            "/case-studies/0/failure_types/1",
            "unknown-code",
        ),
        (lambda b: b.update({"vocabulary-terms": []}), "/vocabulary-terms", "unknown-field"),
        (lambda b: b["manifest"].update(version=2), "/manifest/version", "unknown-code"),
        (lambda b: b.pop("manifest"), "/manifest", "missing"),
        (lambda b: b.update(editions=[]), "/editions", "unknown-field"),
        (lambda b: b.update(references={}), "/references", "wrong-type"),
        (
            lambda b: b["references"][0].update({"container-title": "x" * 400}),
            "/references/0/container-title",
            "too-long",
        ),
        (
            lambda b: (
                b["references"].append({**b["references"][0], "id": "two-1", "DOI": "10.1234/x"})
                or b["references"][0].update(DOI="10.1234/x")
            ),
            "/references/1",
            "against-a-rule",
        ),
    ],
)
def test_each_fault_has_its_pointer(spoil, pointer, code, api):
    body = whole(references=[reference()], **{"case-studies": [case()]})
    spoil(body)
    answer = api("post", "/packages/", body)
    assert answer.status_code == 422, answer.content
    first = answer.json()["errors"][0]
    assert first["code"] == code
    if pointer is not None:
        assert first["pointer"] == pointer
        if pointer != "/manifest":
            at(body, pointer)
    assert not Draft.objects.exists()


def test_a_draft_with_an_unknown_term_is_refused_with_a_suggestion_and_one_with_a_new_term_is_taken(api):
    refused = api("post", "/case-studies/", case(failure_types=["saftey"])).json()["errors"][0]
    assert (refused["pointer"], refused["code"]) == ("/failure_types/0", "unknown-code")
    assert "Did you mean “safety”?" in refused["detail"]
    VocabularyTerm.objects.create(vocabulary="failure-type", code="data-protection", label="Data protection")
    assert api("post", "/case-studies/", case(failure_types=["data-protection"])).status_code == 201


@pytest.mark.slow
def test_a_single_record_gets_pointers_of_its_own(api):
    errors = api("post", "/references/", reference(titel="x")).json()["errors"]
    assert errors[0]["pointer"] == "/titel"
    api("post", "/case-studies/", case())
    answer = api.change("patch", "/findings/ZZ9-F1/", {"sources": [{"ref": "nope"}]})
    assert answer.json()["errors"][0]["pointer"] == "/sources/0/ref"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("post", "/references/", reference("b-1")),
        ("post", "/packages/", whole(references=[reference("b-1")])),
        ("put", "/references/sent-2026/", reference(title="Other")),
        ("patch", "/references/sent-2026/", {"title": "Other"}),
        ("delete", "/references/sent-2026/", None),
        ("post", "/references/sent-2026/submit/", {"note": "x"}),
    ],
)
def test_a_dry_run_answers_the_same_and_keeps_nothing(method, address, body, api):
    api("post", "/references/", reference())

    def state():
        return (
            list(Reference.objects.filter(slug__in=["b-1", "sent-2026"]).values("slug", "title", "state")),
            Draft.objects.count(),
            LogEntry.objects.count(),
            Sent.objects.count(),
        )

    def headers():
        return {"If_Match": api("get", "/references/sent-2026/")["ETag"]}

    before = state()
    dry = api(method, f"{address}?dry_run=true", body, Idempotency_Key="same", **headers())
    assert state() == before
    real = api(method, address, body, Idempotency_Key="same", **headers())
    assert (dry.status_code, dry.content) == (real.status_code, real.content)
    assert dry.status_code < 300
    assert state() != before
    assert api("post", "/references/?dry_run=true", {"id": "c"}).status_code == 422


@pytest.mark.slow
def test_findings_belong_to_their_case(api):
    api("post", "/case-studies/", case())
    owner = {"kind": "case-study", "slug": "sent-case"}
    new = {"code": "ZZ9-F2", "statement": "More.", "phase": "resolution", "sources": [{"ref": "acc-2021"}]}
    made = api("post", "/findings/", {**new, "part_of": owner})
    assert made.status_code == 201
    assert made.json() == {**new, "part_of": owner}
    kept = CaseFinding.objects.get(code="ZZ9-F1").record_id
    case_tag = api("get", "/case-studies/sent-case/")["ETag"]
    read = api("get", "/findings/ZZ9-F2/")
    assert read["ETag"] == made["ETag"]
    changed = api("put", "/findings/ZZ9-F2/", {**read.json(), "statement": "Less."}, If_Match=read["ETag"])
    assert changed.json()["statement"] == "Less."
    assert api("get", "/case-studies/sent-case/")["ETag"] != case_tag
    assert CaseFinding.objects.get(code="ZZ9-F1").record_id == kept
    listed = api("get", "/findings/?limit=1").json()
    assert [row["key"] for row in listed["results"]] == ["ZZ9-F1"]
    assert [row["key"] for row in api("get", listed["next"].removeprefix("http://testserver")).json()["results"]] == [
        "ZZ9-F2"
    ]
    moved = api.change("patch", "/findings/ZZ9-F2/", {"part_of": {"slug": "other"}})
    assert moved.json()["errors"][0]["code"] == "not-changeable"
    assert api.change("delete", "/findings/ZZ9-F2/").status_code == 204
    assert api("get", "/findings/ZZ9-F2/").status_code == 404
    assert api.change("delete", "/findings/ZZ9-F1/").status_code == 204
    last = api("get", "/case-studies/sent-case/")
    assert last.json()["findings"] == []
    assert api("put", "/case-studies/sent-case/", last.json(), If_Match=last["ETag"]).status_code == 200


@pytest.mark.parametrize(
    "part_of", [None, "x", {"kind": "case-study"}, {"kind": [], "slug": {}}, {"kind": "lesson", "slug": "x"}]
)
def test_a_finding_says_what_it_is_part_of(part_of, api):
    answer = api("post", "/findings/", {"code": "ZZ9-F2", "part_of": part_of})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/part_of"


@pytest.mark.slow
def test_what_is_read_can_be_sent_back_unchanged(api):
    for slug in CaseStudy.objects.values_list("slug", flat=True):
        record = CaseStudy.objects.get(slug=slug)
        Draft.objects.create(record_id=record.record_id, kind="case-study", slug=slug, partner=api.partner)
        CaseStudy.objects.filter(pk=record.pk).update(state="draft")
        read = api("get", f"/case-studies/{slug}/")
        Draft202012Validator({"$defs": package_definitions(), "$ref": "#/$defs/case-studies"}).validate(read.json())
        back = api("put", f"/case-studies/{slug}/", read.json(), If_Match=read["ETag"])
        assert back.status_code == 200, back.json()
        assert (back.json(), back["ETag"]) == (read.json(), read["ETag"])


@pytest.mark.slow
def test_lists_page_through_own_drafts_once(api, other):
    api("post", "/packages/", whole(references=[reference(f"r-{number}") for number in range(7)]))
    other("post", "/references/", reference("not-mine"))
    found, address = [], "/references/?limit=3"
    while address:
        page = api("get", address).json()
        found += page["results"]
        address = page["next"] and page["next"].removeprefix("http://testserver")
    assert [row["key"] for row in found] == [f"r-{number}" for number in range(7)]
    for row in found:
        assert api("get", row["url"].removeprefix("http://testserver"))["ETag"] == row["etag"]
    for query in (
        "limit=0",
        "limit=101",
        "limit=x",
        "after=x",
        "after=%00",
        "x=1",
        "limit=1&limit=2",
        "after=" + "9" * 30,
    ):
        assert api("get", f"/references/?{query}").status_code == 400, query
    for query in ("limit=0", "after=%00", "x=1"):
        assert api("get", f"/findings/?{query}").status_code == 400, query
    for query in ("dry_run=yes", "dry_run=true&dry_run=true", "overwrite=true"):
        assert api("post", f"/references/?{query}", reference("z-1")).status_code == 400, query


@pytest.mark.slow
@pytest.mark.publishes
def test_what_is_submitted_is_reviewed_by_people_and_closed_to_the_partner(api, client, publisher):
    api("post", "/case-studies/", case())
    answer = api("post", "/case-studies/sent-case/submit/", {"note": "Please read."})
    assert answer.json() == {"state": "in-review", "missing": []}
    record = CaseStudy.objects.get(slug="sent-case")
    assert (record.submitted_by, record.review_note) == (api.partner, "Please read.")
    for method, body in (("patch", {"title": "x"}), ("put", case(title="x")), ("delete", None)):
        assert api.change(method, "/case-studies/sent-case/", body).status_code == 409
    assert api.change("patch", "/findings/ZZ9-F1/", {"statement": "x"}).status_code == 409
    assert api("post", "/case-studies/sent-case/submit/").status_code == 409
    assert api("post", "/packages/?overwrite=true", whole(**{"case-studies": [case(title="x")]})).status_code == 409
    return_to_author(record=record, by=publisher, note="Shorter.")
    assert "Shorter." in api("get", "/case-studies/").json()["results"][0]["review_note"]
    assert api.change("patch", "/case-studies/sent-case/", {"title": "Shorter"}).status_code == 200
    assert api("post", "/case-studies/sent-case/submit/").status_code == 200
    record.refresh_from_db()
    with pytest.raises(CannotPublish, match="somebody else"):
        publish_record(record=record, by=api.partner)
    publish_record(record=record, by=publisher)
    assert client.get("/api/v1/case-studies/sent-case/").json()["title"] == "Shorter"
    assert api("get", "/case-studies/sent-case/")["Workbench-State"] == "published"
    assert api.change("patch", "/case-studies/sent-case/", {"title": "x"}).status_code == 409
    CaseStudy.objects.update(state="draft")
    assert api.change("delete", "/case-studies/sent-case/").status_code == 409
    assert CaseStudy.objects.filter(slug="sent-case").exists()


@pytest.mark.slow
def test_submitting_says_what_is_missing_and_heeds_if_match(api):
    api("post", "/case-studies/", case(events=[]))
    assert api("post", "/case-studies/sent-case/submit/", If_Match='"x"').status_code == 412
    answer = api.change("post", "/case-studies/sent-case/submit/".replace("submit/", ""), None)
    assert answer.status_code == 405
    answer = api("post", "/case-studies/sent-case/submit/", If_Match=api("get", "/case-studies/sent-case/")["ETag"])
    assert "Its timeline is empty." in answer.json()["missing"][0]
    for body in ({"note": 1}, {"nte": "x"}, [], {"note": "x" * 2001}):
        assert api("post", "/case-studies/sent-case/submit/", body).status_code == 422


def test_a_reference_in_use_is_not_deleted(api):
    api("post", "/packages/", whole(references=[reference()], **{"case-studies": [case(source="sent-2026")]}))
    answer = api.change("delete", "/references/sent-2026/")
    assert answer.status_code == 409
    assert "Something rests on it" in answer.json()["detail"]
    assert Reference.objects.filter(slug="sent-2026").exists()


@pytest.mark.slow
def test_a_finding_that_a_lesson_rests_on_stays(api):
    api("post", "/case-studies/", case())
    lesson = Lesson.objects.first()
    finding = CaseFinding.objects.get(code="ZZ9-F1")
    lesson.evidence.create(case_finding=finding, relation="supports", position=99)
    answer = api.change("delete", "/findings/ZZ9-F1/")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "in-use"
    assert api.change("delete", "/case-studies/sent-case/").status_code == 409


@pytest.mark.slow
def test_an_editor_can_assign_a_record(api, client):
    record = LiteratureReview.objects.first()
    client.force_login(User.objects.create_superuser("desk", password="a long enough phrase"))
    add = reverse("admin:partners_draft_add")
    for wrong in ({"kind": "literature-review", "slug": "nope"}, {"kind": "case-study", "slug": record.slug}):
        assert client.post(add, {**wrong, "partner": api.partner.pk}).status_code == 200
    assert (
        client.post(add, {"kind": "literature-review", "slug": record.slug, "partner": api.partner.pk}).status_code
        == 302
    )
    assert (
        client.post(add, {"kind": "literature-review", "slug": record.slug, "partner": api.partner.pk}).status_code
        == 200
    )
    assert Draft.objects.get().record_id == record.record_id
    code = record.findings.first().code
    assert api.change("patch", f"/findings/{code}/", {"statement": "Changed."}).status_code == 409
    LiteratureReview.objects.update(state=Publishable.State.DRAFT)
    answer = api.change("patch", f"/findings/{code}/", {"statement": "Changed."})
    assert answer.status_code == 200, answer.json()
    assert record.findings.get(code=code).statement == "Changed."


@pytest.mark.slow
def test_organisations_sent_with_a_case_can_be_changed_with_it(api):
    school = {"slug": "sent-school", "name": "School", "type": "school"}
    api("post", "/case-studies/", case(organisations=[school]))
    answer = api.change("patch", "/case-studies/sent-case/", {"organisations": [{**school, "name": "Academy"}]})
    assert answer.status_code == 200
    assert Organisation.objects.get(slug="sent-school").name == "Academy"


def test_drafts_are_listed_by_state(api):
    for key in ("one-draft", "two-drafts"):
        entry = {"id": key, "type": "report", "title": key, "author": [{"literal": "Us"}]}
        assert api("post", "/references/", {**entry, "issued": {"date-parts": [[2019]]}}).status_code == 201
    handed = api("post", "/references/one-draft/submit/", {})
    assert handed.status_code == 200, handed.content

    def keys(query):
        return [row["key"] for row in api("get", f"/references/{query}").json()["results"]]

    assert keys("") == ["one-draft", "two-drafts"]
    assert (keys("?state=draft"), keys("?state=in-review")) == (["two-drafts"], ["one-draft"])
    assert keys("?state=published") == []
    assert api("get", "/findings/?state=draft").json()["results"] == []
    refused = api("get", "/references/?state=drafts")
    assert (refused.status_code, refused.json()["parameter"]) == (400, "state")
    assert "Did you mean" in refused.json()["detail"]
