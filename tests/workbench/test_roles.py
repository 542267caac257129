"""Who may do what: role, model, action, verb."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse

from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.workbench.roles import role_permissions
from tests import factories

pytestmark = pytest.mark.django_db

ROLES = ("researcher", "reviewer", "publisher", "steward", "facilitator", "analyst", "partner", "")
WORKING = ROLES[:6]
SEE_EVIDENCE = {"facilitator": "v", "analyst": "v"}  # and change none of it
# what a role may do with a model: a(dd), c(hange), d(elete), v(iew)
MODELS = {
    "casestudies.casestudy": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "casestudies.casefinding": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "literature.literaturereview": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "literature.candidate": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "literature.screeningvote": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "literature.appraisalanswer": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "literature.reviewfindingassessment": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "recommendations.lessonassessment": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "recommendations.lesson": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "recommendations.recommendation": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "literature.reference": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "acdv"},
    "casestudies.organisation": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "acdv"},
    "vocabularies.theme": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "acdv"},
    "vocabularies.vocabularyterm": {"researcher": "v", "reviewer": "v", "publisher": "v", "steward": "acdv"},
    "coding.sourcedocument": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "coding.quotation": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "coding.coding": {"researcher": "acdv", "reviewer": "v", "publisher": "v", "steward": "v"},
    "coding.qdaimport": {"researcher": "acdv"},
    "publishing.edition": dict.fromkeys(
        ("researcher", "reviewer", "publisher", "steward", "facilitator", "analyst"), "v"
    ),
    "consultations.consultationround": {
        **dict.fromkeys(("researcher", "reviewer", "publisher", "steward", "analyst"), "v"),
        "facilitator": "acdv",
    },
    "consultations.statement": {"facilitator": "acdv", "analyst": "v"},
    "consultations.participant": {},
    "consultations.answerer": {},
    "consultations.rating": {},
    "consultations.submitted": {},
    "publishing.ledgerentry": {"researcher": "v", "reviewer": "v", "publisher": "v", "steward": "v"},
    "access.token": {"steward": "acv"},
    "webhooks.webhook": {"steward": "acdv"},
    "failure_lessons.user": {},
    "auth.group": {},
}
# for each verb, the roles that may; and a state it starts from
VERBS = {
    "submit": ({"researcher"}, "draft"),
    "return": ({"reviewer", "publisher"}, "in-review"),
    "publish": ({"publisher"}, "in-review"),
    "correct": ({"publisher"}, "in-review"),
    "withdraw": ({"publisher"}, "published"),
}


@pytest.mark.parametrize("role", ROLES)
def test_the_matrix_of_models(role, person):
    somebody = person("somebody", *filter(None, [role]))
    for label, allowed in MODELS.items():
        app, model = label.split(".")
        if "v" in allowed.get("reviewer", ""):
            allowed = {**SEE_EVIDENCE, **allowed}
        held = {
            action[0] for action in ("add", "change", "delete", "view") if somebody.has_perm(f"{app}.{action}_{model}")
        }
        assert held == set(allowed.get(role, "")), (role, label)


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_the_matrix_of_verbs(verb, person, browser_of):
    allowed, state = VERBS[verb]
    author, other = person("author", "researcher"), person("other", "publisher")
    case = factories.case()
    if state != "draft":
        submit_record(record=case, by=author)
    if state == "published" or verb == "correct":
        publish_record(record=case, by=other)
    if verb == "correct":
        case.title = "Corrected"
        case.save()
        submit_record(record=case, by=author)
    before = case.state, Edition.objects.count()
    address = reverse("admin:casestudies_casestudy_verb", args=[case.pk, verb])
    for role in ROLES:
        point = transaction.savepoint()
        desk = browser_of(person("somebody", *filter(None, [role])))
        expected = 302 if role in allowed else 403
        assert desk.post(address, {"note": "Because."}).status_code == expected, role
        case.refresh_from_db()
        assert ((case.state, Edition.objects.count()) != before) == (role in allowed), role
        transaction.savepoint_rollback(point)


def test_the_groups_hold_what_the_roles_say_of_every_table_there_is():
    for role, codes in role_permissions(apps).items():
        group = Group.objects.get(name=role)
        held = set(group.permissions.values_list("content_type__app_label", "codename"))
        assert held == codes, "a new table of evidence? call make_groups in a migration"
    assert Group.objects.filter(name="partner").exists()


@pytest.mark.slow
@pytest.mark.parametrize("role", WORKING)
def test_a_role_opens_what_it_sees_and_nothing_breaks(role, person, browser_of):
    """Each list of the workbench by two of the six; trials ask every address as each role (tests/test_role_matrix.py)."""
    desk = browser_of(person("somebody", role))
    case = factories.case()
    assert desk.get(reverse("admin:index")).status_code == 200
    assert desk.get(reverse("admin:casestudies_casestudy_change", args=[case.pk])).status_code == 200
    for model in [*admin.site._registry][WORKING.index(role) % 3 :: 3]:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        assert desk.get(reverse(name)).status_code in (200, 403)


@pytest.mark.slow
def test_nobody_publishes_their_own_whatever_their_roles(person, browser_of):
    both = person("both", "researcher", "publisher")
    case = factories.case()
    desk = browser_of(both)
    desk.post(reverse("admin:casestudies_casestudy_verb", args=[case.pk, "submit"]), {"note": ""})
    refused = desk.post(reverse("admin:casestudies_casestudy_verb", args=[case.pk, "publish"]), {"note": ""})
    assert refused.status_code == 409
    assert not Edition.objects.filter(record_id=case.record_id).exists()


def test_a_reviewer_cannot_edit_through_the_form(person, browser_of):
    case = factories.case()
    desk = browser_of(person("somebody", "reviewer"))
    answer = desk.post(reverse("admin:casestudies_casestudy_change", args=[case.pk]), {"title": "Mine"})
    assert answer.status_code == 403
    case.refresh_from_db()
    assert case.title == "A case"
