"""The workbench: every page opens, a case can be entered by hand, submitted, published and withdrawn."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from casestudies.models import CaseCitation, CaseStudy, Indicator
from failure_lessons.accounts.models import User
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.workbench.row_lists import RowListAdmin
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    """A signed-in administrator's browser."""
    client.force_login(User.objects.create_superuser("desk", password="a long enough phrase"))
    return client


@pytest.fixture
def second_desk():

    other = Client()
    other.force_login(User.objects.create_superuser("second", password="a long enough phrase"))
    return other


REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.mark.slow
@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_list_search_and_forms_open(model, desk):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    options = admin.site._registry[model]
    query = {"q": "staff"} if options.search_fields else {}
    assert desk.get(reverse(f"{name}_changelist"), query).status_code == 200
    record = model._default_manager.first()
    if record is not None:
        opened = desk.get(reverse(f"{name}_change", args=[record.pk]))
        assert opened.status_code == 302 if isinstance(options, RowListAdmin) else 200
    adding = desk.get(reverse(f"{name}_add"))
    may_add = options.has_add_permission(adding.wsgi_request) and not isinstance(options, RowListAdmin)
    opens = 302 if name == "admin:consultations_consultationround" else 200  # a round is set up from a template
    assert adding.status_code == (opens if may_add else 403)


def form_data(page):
    """Everything a browser would send back from a change form, unchanged."""
    data = {}
    if page.context.get("version") is not None:
        data = {"_version": page.context["version"], "_reason": "A test."}
    forms = [page.context["adminform"].form]
    for formset in page.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            data[bound.html_name] = "" if value is None else value
    return data


@pytest.mark.slow
def test_saving_an_unchanged_case_changes_nothing(desk):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    address = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    before = desk.get(address.replace("change", "document")).content
    answer = desk.post(address, form_data(desk.get(address)))
    assert answer.status_code == 302, answer.context["errors"]
    assert desk.get(address.replace("change", "document")).content == before


@pytest.mark.slow
def test_sources_and_series_are_typed_as_lines(desk):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    address = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    data = form_data(desk.get(address))
    data["indicators-0-values"] = "2012 | 75\n2017 | 1,434.5 | Much more"
    data["indicators-0-sources"] = "expressstar-2018 | p. 3"
    assert desk.post(address, data).status_code == 302
    indicator = Indicator.objects.filter(case=case).first()
    assert [(point.period, float(point.value), point.note) for point in indicator.points.all()] == [
        ("2012", 75, ""),
        ("2017", 1434.5, "Much more"),
    ]
    assert [(c.reference.slug, c.locator) for c in indicator.citations.all()] == [("expressstar-2018", "p. 3")]


@pytest.mark.slow
def test_what_a_series_is_compared_with_is_typed_beside_it(desk):
    case = factories.case()
    series = Indicator.objects.create(case=case, name="Assaults", unit="a year", better="lower")
    CaseCitation.objects.create(indicator=series, reference=factories.reference())
    address = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    data = form_data(desk.get(address)) | {"indicators-0-values": "2012 | 75\n2017 | 434"}
    for others, label, fault in (
        ("2012 | 60", "", "Say what the series is compared with"),
        ("2013 | 60", "Elsewhere", "The series has no figure for “2013”."),
        ("2012 | 60 | About sixty", "Elsewhere", "put “About sixty” into the series"),
    ):
        page = desk.post(address, data | {"indicators-0-other_values": others, "indicators-0-comparator": label})
        assert page.status_code == 200
        assert fault in page.content.decode()
        assert others in page.content.decode()
    good = data | {"indicators-0-other_values": "2012 | 60", "indicators-0-comparator": "Elsewhere"}
    assert desk.post(address, good).status_code == 302
    indicator = Indicator.objects.filter(case=case).first()
    assert indicator.comparator == "Elsewhere"
    assert [point.comparator for point in indicator.points.all()] == [60, None]
    opened = form_data(desk.get(address))
    assert opened["indicators-0-other_values"] == "2012 | 60"


@pytest.mark.slow
def test_a_wrong_key_gets_the_nearest_one_and_loses_nothing(desk):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    address = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    data = form_data(desk.get(address))
    data["indicators-0-sources"] = "expresstar-2018"
    page = desk.post(address, data)
    assert page.status_code == 200
    assert "Did you mean “expressstar-2018”?" in page.content.decode()
    assert ">expresstar-2018</textarea>" in page.content.decode().replace("\r\n", "").replace("\n", "")


@pytest.mark.slow
def test_two_people_publish_a_case_through_the_buttons(desk, second_desk):
    case = factories.case(title="Entered by hand")
    verb = "admin:casestudies_casestudy_verb"
    assert desk.post(reverse(verb, args=[case.pk, "submit"]), {"note": ""}).status_code == 302
    refused = desk.post(reverse(verb, args=[case.pk, "publish"]), {"note": ""})
    assert refused.status_code == 409
    assert "somebody else has to publish it" in refused.content.decode()
    assert second_desk.post(reverse(verb, args=[case.pk, "publish"]), {"note": "New."}).status_code == 302
    assert Edition.objects.current().get(record_id=case.record_id).note == "New."
    assert second_desk.post(reverse(verb, args=[case.pk, "withdraw"]), {"note": ""}).status_code == 200
    assert second_desk.post(reverse(verb, args=[case.pk, "withdraw"]), {"note": "Wrong."}).status_code == 302
    case.refresh_from_db()
    assert case.state == Publishable.State.WITHDRAWN


def test_what_is_missing_is_shown_before_submitting(desk):
    case = factories.case()
    case.sections.all().delete()
    page = desk.get(reverse("admin:casestudies_casestudy_verb", args=[case.pk, "submit"]))
    assert "It has no summary." in page.content.decode()


def test_published_records_cannot_be_deleted(desk):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    assert desk.post(reverse("admin:casestudies_casestudy_delete", args=[case.pk]), {"post": "yes"}).status_code == 403
    assert CaseStudy.objects.filter(pk=case.pk).exists()


def test_a_researcher_without_the_right_cannot_publish(client):
    person = User.objects.create_user("plain", password="a long enough phrase", is_staff=True)
    client.force_login(person)
    case = factories.case()
    answer = client.post(reverse("admin:casestudies_casestudy_verb", args=[case.pk, "publish"]), {"note": ""})
    assert answer.status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    "address", ["case-studies/hmp-birmingham", "lessons/", "recommendations/", "literature/", "references/acc-2021"]
)
def test_a_preview_is_the_page_that_publishing_would_make(address, desk, client):
    kind, _, slug = address.partition("/")
    codes = {"lessons": "lesson", "recommendations": "recommendation", "literature": "literature-review"}
    slug = slug or Edition.objects.current().of_kind(codes[kind]).first().slug
    public = client.get(f"/{kind}/{slug}/").content.decode()
    draft = desk.get(f"/preview/{kind}/{slug}/").content.decode()
    assert "This is a draft as readers would see it" in draft
    body, drafted = (re.split(r"<h1[^>]*>", page)[1].split('<footer class="meta"')[0] for page in (public, draft))
    drafted = drafted.split('<footer class="foot">')[0]
    for_readers = (
        r'<p class="(?:checked|add|no-print)".*?</p>|<p><a [^>]*href="/(?:case-studies/compare|what-if)/[^>]*>.*?</p>'
        r'|<details class="take-away">.*?</details>'
    )
    plain, written = (re.sub(for_readers, "", page, flags=re.DOTALL).split() for page in (body, drafted))
    assert plain == written[: len(plain)]  # what follows is for published editions alone: how to cite them


def test_a_preview_shows_the_draft_and_only_to_staff(desk):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title = "Only a draft"
    case.save()
    assert "Only a draft" in desk.get("/preview/case-studies/hmp-birmingham/").content.decode()
    stranger = Client().get("/preview/case-studies/hmp-birmingham/")
    assert stranger.status_code == 302
    assert "/admin/login/" in stranger["Location"]


@pytest.mark.slow
def test_a_broken_rule_is_told_as_a_sentence(desk):
    address = reverse("admin:recommendations_recommendation_add")
    data = form_data(desk.get(address)) | {
        "code": "R99",
        "title": "T",
        "slug": "t",
        "statement": "S",
        "wording": "consider",
        "kind": "process",
        "audiences": ["regulator"],
        "level": "national",
        "owner": "O",
        "timescale_label": "soon",
        "phase": "prevention",
        "failure_types": ["quality"],
        "strength": "strong",
        "confidence": "low",
    }
    page = desk.post(address, data)
    assert "A strong recommendation is not worded consider." in page.content.decode()


def test_every_kind_of_row_has_an_english_plural():
    plurals = [str(model._meta.verbose_name_plural) for model in apps.get_models()]
    assert [plural for plural in plurals if re.search(r"[^aeiou]ys$|sss$|[xz]s$|(ch|sh)s$|criterions", plural)] == []
