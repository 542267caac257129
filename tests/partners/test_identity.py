"""Identity before address: codes, earlier slugs, capitals and missing slashes lead to the record, among pages and data."""

import pytest
from django.test import Client

from casestudies.models import CaseStudy
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from tests.helpers import count_queries

pytestmark = pytest.mark.django_db
API = "/api/v1"
NEW, OLD = "birmingham-prison", "hmp-birmingham"


@pytest.fixture
def moved(researcher, publisher):
    case = CaseStudy.objects.get(slug=OLD)
    case.slug = NEW
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="Another address.")


def lead(address, **headers):
    answer = Client().get(address, headers=headers)
    return answer.status_code, answer.get("Location", "")


def slug_of(kind, code):
    return Edition.objects.current().get(kind=kind, code=code).slug


@pytest.mark.parametrize(
    ("kind", "address", "code"), [("recommendation", "recommendations", "R5"), ("lesson", "lessons", "LS1")]
)
def test_a_code_leads_to_the_record_with_whatever_was_asked_beside_it(kind, address, code):
    slug = slug_of(kind, code)
    for name in (code, code.lower(), slug.upper()):
        assert lead(f"{API}/{address}/{name}/?fields=title") == (308, f"{API}/{address}/{slug}/?fields=title")
        assert lead(f"{API}/{address}/{name}/editions/") == (308, f"{API}/{address}/{slug}/editions/")
        assert lead(f"{API}/{address}/{name}/editions/1/") == (308, f"{API}/{address}/{slug}/editions/1/")
        assert lead(f"/{address}/{name}/cite.ris") == (301, f"/{address}/{slug}/cite.ris")
        assert lead(f"/{address}/{name}/history/") == (301, f"/{address}/{slug}/history/")
        assert lead(f"/{address}/{name}/v1/") == (301, f"/{address}/{slug}/v1/")
        assert lead(f"/{address}/{name}/feed.atom") == (301, f"/{address}/{slug}/feed.atom")


def test_findings_are_found_by_code():
    slug = slug_of("finding", "E1-F3")
    assert lead(f"{API}/findings/E1-F3/") == ((200, "") if slug == "E1-F3" else (308, f"{API}/findings/{slug}/"))


@pytest.mark.parametrize("name", ["R999", "nowhere", "R5-", "%00", "E1-F3"])
def test_what_nobody_is_called_leads_nowhere(name):
    assert lead(f"{API}/recommendations/{name}/") == (404, "")
    assert lead(f"/recommendations/{name}/") == (404, "")


@pytest.mark.slow
def test_editions_by_number_follow_the_record(moved):
    for place in ("editions/1/", "editions/2/"):
        for slug in (OLD, NEW):
            address = f"{API}/case-studies/{slug}/{place}?fields=title"
            status, elsewhere = lead(address)
            assert lead(elsewhere or address) == (200, ""), (slug, place)
            assert status in (200, 308)
    assert lead(f"{API}/case-studies/{OLD}/editions/2/") == (308, f"{API}/case-studies/{NEW}/editions/2/")
    assert lead(f"{API}/case-studies/{NEW}/editions/1/") == (308, f"{API}/case-studies/{OLD}/editions/1/")
    assert lead(f"{API}/case-studies/{NEW}/editions/3/") == (404, "")
    assert lead(f"/case-studies/{OLD}/v2/") == (301, f"/case-studies/{NEW}/v2/")
    assert lead(f"/case-studies/{NEW}/v1/cite.ris") == (301, f"/case-studies/{OLD}/v1/cite.ris")


@pytest.mark.slow
def test_a_batch_finds_records_by_earlier_slugs(moved):
    answer = Client().get(f"{API}/case-studies/?ids={OLD},nowhere&fields=slug").json()
    assert [each["slug"] for each in answer["results"]] == [NEW]
    assert answer["missing"] == ["nowhere"]


def test_a_missing_slash_leads_and_a_wrong_plural_teaches():
    assert lead(f"{API}/recommendations?phase=prevention") == (308, f"{API}/recommendations/?phase=prevention")
    assert lead("/api/v1") == (308, "/api/v1/")
    for wrong, right in {
        "recommendation/": "recommendations/",
        "Recommendations/": "recommendations/",
        "recomendations": "recommendations/",
        "case_studies/": "case-studies/",
        "lesson/some-lesson/": "lessons/some-lesson/",
        "change/": "changes/",
    }.items():
        answer = Client().get(f"{API}/{wrong}")
        assert answer.status_code == 404
        assert answer.json()["example"] == f"{API}/{right}"
        assert f"Did you mean {API}/{right}?" in answer.json()["detail"]
    for strange in ("zzz/", "recommendations/x/y/z/w/"):
        assert "example" not in Client().get(f"{API}/{strange}").json()
    assert Client().post(f"{API}/check", "{}", content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    ("accept", "ending"),
    [
        ("application/ld+json", "cite.jsonld"),
        ("application/vnd.citationstyles.csl+json", "cite.csl.json"),
        ("application/x-research-info-systems", "cite.ris"),
        ("application/x-bibtex;q=0.9, text/html;q=0.1", "cite.bib"),
    ],
)
def test_permanent_pages_give_what_accept_prefers(accept, ending):
    slug = slug_of("recommendation", "R5")
    edition = Edition.objects.current().get(kind="recommendation", code="R5")
    for page in (f"/recommendations/{slug}/", f"/recommendations/{slug}/v{edition.number}/"):
        status, address = lead(page, Accept=accept)
        assert status == 303
        assert address.endswith(f"/recommendations/{slug}/v{edition.number}/{ending}")
        assert Client().get(address).status_code == 200


@pytest.mark.slow
def test_permanent_pages_stay_pages_for_people_and_say_that_they_can_be_had_otherwise():
    slug = slug_of("recommendation", "R5")
    for accept in ("", "*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "image/png"):
        answer = Client().get(f"/recommendations/{slug}/", headers={"Accept": accept} if accept else {})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/html")
        assert "Accept" in answer["Vary"]
    status, address = lead(f"/recommendations/{slug}/", Accept="application/json")
    assert status == 303
    assert f"{API}/recommendations/{slug}/editions/" in address


# --- questions against the arrows


def codes(address):
    return {each["code"] for each in Client().get(address).json()["results"]}


def test_what_rests_on_a_record_is_asked_by_code_slug_or_kind_and_slug():
    recommendation = Edition.objects.current().get(kind="recommendation", code="R5")
    lesson = recommendation.content["lessons"][0]
    lesson = lesson["lesson"] if isinstance(lesson, dict) else lesson
    slug = slug_of("lesson", lesson)
    found = codes(f"{API}/recommendations/?rests_on={lesson}&limit=100&fields=code")
    assert "R5" in found
    everything = codes(f"{API}/recommendations/?limit=100&fields=code")
    assert found < everything
    for name in (lesson.lower(), slug, f"lesson:{slug}"):
        assert codes(f"{API}/recommendations/?rests_on={name}&limit=100&fields=code") == found


def test_it_agrees_with_the_chains_walked_downwards():
    answer = Client().get(f"{API}/recommendations/?include=evidence&limit=25").json()
    by_hash = {each["edition"]["sha256"]: each for each in answer["included"] if "edition" in each}
    above = {}

    def walk(record, root):
        for sha256 in record["edition"]["rests_on"]:
            beneath = by_hash[sha256]
            above.setdefault((beneath["kind"], beneath["slug"]), set()).add(root)
            walk(beneath, root)

    for each in answer["results"]:
        walk(each, each["code"])
    assert answer["next"] is None
    assert {"reference", "finding", "lesson"} <= {kind for kind, _ in above}
    for kind, slug in {kind: (kind, slug) for kind, slug in sorted(above)}.values():  # one of each kind
        expected = above[kind, slug]
        assert codes(f"{API}/recommendations/?rests_on={kind}:{slug}&limit=100&fields=code") == expected


def test_values_widen_filters_narrow_and_every_door_understands():
    both = codes(f"{API}/recommendations/?rests_on=LS1&rests_on=LS2&limit=100&fields=code")
    each = [codes(f"{API}/recommendations/?rests_on={name}&limit=100&fields=code") for name in ("LS1", "LS2")]
    assert both == each[0] | each[1]
    page = Client().get("/recommendations/?rests_on=LS1")
    assert page.status_code == 200
    assert "Rests on" in page.content.decode()
    table = Client().get("/recommendations/export.json?rests_on=LS1")
    assert table.status_code == 200
    assert Client().get("/recommendations/feed.atom?rests_on=LS1").status_code == 200
    assert Client().get(f"{API}/recommendations/?rests_on=LS1&format=csv").status_code == 200


def test_it_is_asked_of_any_moment():
    assert codes(f"{API}/recommendations/?rests_on=LS1&as_of=1999-01-01&fields=code") == set()
    now = codes(f"{API}/recommendations/?rests_on=LS1&limit=100&fields=code")
    assert codes(f"{API}/recommendations/?rests_on=LS1&as_of=9000-01-01&limit=100&fields=code") == now


@pytest.mark.slow
@pytest.mark.parametrize("name", ["R999", "nowhere", "lesson:nowhere", "theme:LS1", "%00", "a:b:c", ":"])
def test_an_unknown_record_is_refused(name):
    answer = Client().get(f"{API}/recommendations/?rests_on={name}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "rests_on"
    assert Client().get(answer.json()["example"]).status_code == 200


def test_records_point_to_what_rests_on_them():
    answer = Client().get(f"{API}/findings/{slug_of('finding', 'E1-F3')}/")
    links = [each for each in answer["Link"].split(", ") if "isCitedAsEvidenceBy" in each]
    assert links
    for each in links:
        address = each[1 : each.index(">")].removeprefix("http://testserver")
        assert Client().get(address).status_code == 200
    assert any("/recommendations/" in each for each in links)


def test_the_question_costs_the_same_however_many_are_asked_about():
    client = Client()
    few = count_queries(client.get, f"{API}/recommendations/?rests_on=LS1")
    many = count_queries(client.get, f"{API}/recommendations/?rests_on=LS1&rests_on=LS2&rests_on=LS3&rests_on=E1-F3")
    assert few == many


# --- codes that nobody has


@pytest.mark.parametrize(
    "asked",
    [
        "lessons/?theme=nope",
        "findings/?failure_type=safty",
        "findings/?case=hmp-birmingam",
        "case-studies/?organisation=nobody",
        "case-studies/?intervention=nope",
    ],
)
def test_a_code_that_nobody_has_is_refused_in_every_filter(asked):
    answer = Client().get(f"{API}/{asked}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == asked.partition("?")[2].partition("=")[0]


def test_the_nearest_code_is_named():
    detail = Client().get(f"{API}/findings/?case=hmp-birmingam").json()["detail"]
    assert "Did you mean “hmp-birmingham”?" in detail
