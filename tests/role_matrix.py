"""Who gets in where: every address behind a door, asked by one person of each role, with GET and with a change.

The table in docs/roles.md is what was found here. Nothing is believed of the code: each cell is an answer of the site.
"""

import datetime as dt
import logging
import re
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.models import Group
from django.core import mail
from django.db import transaction
from django.template.base import Template
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django.utils.safestring import mark_safe

from failure_lessons.accounts.models import PasswordLink, User
from failure_lessons.accounts.recovery_codes import HashedRecoveryCodes
from failure_lessons.accounts.services import send_password_link
from failure_lessons.bulk.lists import spreadsheet_lists
from failure_lessons.bulk.models import Upload
from failure_lessons.coding.models import QdaImport, SourceDocument
from failure_lessons.coding.services import attach_document, code_quotation, quote_words
from failure_lessons.history.models import Change
from failure_lessons.intake.models import PublicMessage
from failure_lessons.outbox.services import queue_message
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.redaction import propose_redaction
from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies.models import Theme
from failure_lessons.webhooks.models import Webhook
from failure_lessons.workbench import publishable
from failure_lessons.workbench.buttons import BUTTONS
from failure_lessons.workbench.models import Comment, KeptWords, Task
from literature.models import Reference, ReferenceImport
from recommendations.consultations.invitations import invite_participants
from recommendations.consultations.models import ConsultationRound
from recommendations.consultations.workshop_services import WorkshopPlan, plan_workshop, show_table_link
from recommendations.follow_up.models import Addressee
from tests import factories
from tests.accounts.test_signing_in import link_in_mail
from tests.partners.conftest import Api, case, make_partner
from tests.recommendations.consultations.test_taking_part import come_in, first_link
from tests.recommendations.consultations.world import opened_round

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "roles.md"
BEGIN, END = "<!-- by address: begin -->", "<!-- by address: end -->"
ROLES = ("researcher", "reviewer", "publisher", "steward", "facilitator", "analyst")
ADMINISTRATOR = "administrator"
COLUMNS = ("anybody", "invited", "no role", *ROLES, "partner", ADMINISTRATOR)
DOORS = (
    "admin/",
    "accounts/",
    "preview/",
    "take-part/",
    "api/v1/workbench/",
    "api/v1/webhooks/",
)  # where somebody has to be somebody
NO_ACCOUNT = {
    "metrics": "whoever watches has a token of their own: tests/operations",
    "components": "developers alone, with DEBUG",
    "follow-confirm": "whoever has the link of the mail: tests/intake",
    "follow-leave": "the same",
}  # behind a door that no account opens
CHANGES = ("post", "put", "patch", "delete")
SIGN_IN = ("/accounts/login/", "/admin/login/")


def every_pattern(resolver=None, start=""):
    """The name and the route of each pattern that there is."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = f"{start}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from every_pattern(pattern, route)
        else:
            yield pattern.name, route


def patterns_behind_doors():
    """Those of which somebody could be kept out."""
    return [(name, route) for name, route in every_pattern() if route.startswith(DOORS) and name]


class World:
    """One row of everything, so that no address answers “there is none”; and somebody of each role."""

    def __init__(self):
        self.people = {role: self.make_person(role) for role in ("", *ROLES)}
        self.boss = User.objects.create_superuser("matrix-administrator", "boss@example.org", "a long enough phrase")
        author = self.people["researcher"]
        self.round = opened_round()
        invite_participants(consultation=self.round, by=self.round.created_by)
        now = timezone.now()
        plan = WorkshopPlan(
            "A day", "Here", now - dt.timedelta(hours=1), now + dt.timedelta(hours=1), is_announced=True
        )
        self.session = plan_workshop(consultation=self.round, plan=plan, by=self.round.created_by)
        self.table = show_table_link(table=self.session.tables.get(), by=self.round.created_by)
        self.invited = come_in(first_link())
        self.partner = Api(make_partner("matrix-partner"))
        self.partner("post", "/case-studies/", case())
        self.partner("post", "/references/", {"id": "sent-2026", "type": "report", "title": "Sent"})
        self.draft = factories.case(title="Behind the door")
        reference = factories.reference()
        text = "The inspectors found that leaders did not know what was happening."
        self.document = attach_document(reference=reference, name="notes.txt", data=text.encode(), by=author)
        quotation = quote_words(document=self.document, words="leaders did not know", by=author)
        code_quotation(quotation=quotation, themes=[Theme.objects.first()], by=author)
        propose_redaction(words=["Nobody Atall"], by=self.people["publisher"], note="A court ordered it.")
        queue_message(purpose="test", recipient="x@example.org", subject="x", lines=["x"])
        account, name = self.people[""], PasswordLink.Purpose.FORGOTTEN
        send_password_link(account=account, purpose=name)
        self.secret = link_in_mail(mail.outbox).split("/")[-2]
        self.hook = Webhook.objects.create(owner=self.partner.partner, url="https://example.org/hook")
        PublicMessage.objects.create(sort="error", text="Something is wrong.", sent_at=now)

    def make_person(self, role):
        made = User.objects.create_user(f"matrix-{role or 'none'}", f"{role or 'none'}@example.org", is_staff=True)
        made.groups.set(Group.objects.filter(name=role))
        return made

    def clients(self):
        """Each column's browser or program, and whose it is."""
        yield "anybody", Client(raise_request_exception=False), None
        yield "invited", self.invited, None
        for role, person in self.people.items():
            browser = Client(raise_request_exception=False)
            browser.force_login(person)
            yield role or "no role", browser, person
        program = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {self.partner.text}"})
        yield "partner", program, self.partner.partner
        browser = Client(raise_request_exception=False)
        browser.force_login(self.boss)
        yield ADMINISTRATOR, browser, self.boss

    def row_of(self, model):
        if model is ConsultationRound:
            return self.round
        if model is SourceDocument:
            return self.document
        if model is QdaImport:
            return QdaImport.objects.get_or_create(name="x", data=b"x", made_by=self.boss, made_at=timezone.now())[0]
        return model._base_manager.order_by("pk").first()


def owned_row(model, person):
    """A working paper of this person: nobody else is shown it."""
    now = timezone.now()
    if model is ReferenceImport:
        values = {"name": "x.ris", "text": "TY  - RPRT\nTI  - A report\nER  - \n", "form": "ris", "encoding": "utf-8"}
        return ReferenceImport.objects.create(**values, made_by=person, made_at=now)
    if model is Upload:
        return Upload.objects.create(
            name="x.csv", list="literature.reference", read_as="csv", made_by=person, made_at=now
        )
    if model is KeptWords:
        values = {"model": "literature.reference", "row": 1, "place": "title", "label": "Title", "words": "Mine"}
        return KeptWords.objects.create(record_id=Reference.objects.first().record_id, **values, author=person, at=now)
    return Authenticator.objects.create(user=person, type="webauthn", data={"name": "Key"})


def split_admin_route(route):
    """The model and the rest of an address of the admin, or None."""
    found = re.match(r"admin/(\w+)/(\w+)/(.*)$", route)
    if found is None:
        return None
    try:
        model = apps.get_model(found[1], found[2])
    except LookupError:
        return None
    return (model, found[3]) if model in admin.site._registry else None


def values_of(world, model, rest, person):
    """What stands in the places of an address of a model's admin: for each choice of them, a dictionary."""
    row = world.row_of(model)
    number = row.pk if row else 0
    values = {"object_id": number, "pk": number, "keep": number, "number": 1}
    others = model._base_manager.exclude(pk=number).order_by("pk").first()
    values["lose"] = others.pk if others else 0
    if "comments/" in rest and isinstance(row, Publishable):
        about = {"record_id": row.record_id, "model": model._meta.label_lower}
        author = world.people["researcher"]
        values["number"] = Comment.objects.create(**about, text="Why?", by=author, at=timezone.now()).pk
    if "tasks/" in rest and isinstance(row, Publishable):
        author = world.people["researcher"]
        asked = {"record_id": row.record_id, "model": model._meta.label_lower, "job": "write", "person": author}
        given = {"given_by": author, "given_at": timezone.now()}
        values["number"] = Task.objects.get_or_create(**asked, defaults=given)[0].pk
    if "workshops/" in rest:
        values["number"] = world.session.pk
    if "revert/" in rest:
        change = Change.objects.filter(key=f"{model._meta.db_table}:{row.pk}").order_by("-pk").first()
        values["number"] = change.pk if change else 1
    if rest.startswith("import/<"):
        imported = world.row_of(QdaImport) if model is QdaImport else owned_row(ReferenceImport, person or world.boss)
        values["pk"] = imported.pk
    if "<int:reference>" in rest:
        values["reference"] = row.appraisals.first().reference_id
    if "letter/" in rest:
        values["pk"] = Addressee.objects.order_by("pk").first().pk
    if "<slug:verb>" in rest:
        verbs = ("code", "uncode", "cite", "release", "delete") if "do/" in rest else BUTTONS
        return [{**values, "verb": verb} for verb in verbs]
    choices = {
        "<slug:what>": ("what", "events"),
        "<slug:target>": ("target", "response"),
        "<slug:form>": ("form", "docx"),
    }
    for place, (name, value) in choices.items():
        if place in rest:
            values[name] = value
    return [values]


def fill_route(route, values):
    """An address of this route, and the words that stand for it in the table."""

    def put(found):
        return str(values[found[1]])

    place = re.compile(r"<(?:\w+:)?(\w+)>")
    shown = place.sub(lambda found: str(values["verb"]) if found[1] == "verb" else "…", route)
    return f"/{place.sub(put, route)}", shown


def describe_route(route):
    """The words that stand for a route in the table, and the table of the workbench that it is of, if it is of one."""
    shown = re.sub(r"<(?:\w+:)?\w+>", "…", strip_pattern(route))
    if found := split_admin_route(route):
        return f"…/{shown.split('/', 3)[3]}", str(found[0]._meta.verbose_name_plural)
    return f"/{shown}", ""


def strip_pattern(route):
    """A route that is written as a regular expression, in the way of the others."""
    return re.sub(r"\^|\$|\(\?P<(\w+)>[^)]*\)", lambda found: f"<{found[1]}>" if found[1] else "", route)


def examples_behind(world, name, route, person):
    """For a pattern: what it is (a group of rows, and what of them), and an address that leads there."""
    if found := split_admin_route(route):
        model, rest = found
        for values in values_of(world, model, rest, person):
            address, shown = fill_route(route, values)
            yield f"`…/{shown.split('/', 3)[3]}`", str(model._meta.verbose_name_plural), address
        return
    if route.startswith("admin/spreadsheets/"):
        upload = owned_row(Upload, person or world.boss)
        for label in spreadsheet_lists():
            app, model = label.split(".")
            Upload.objects.filter(pk=upload.pk).update(list=label)
            address, shown = fill_route(route, {"app": app, "model": model, "pk": upload.pk})
            yield f"`/{shown}`", str(apps.get_model(label)._meta.verbose_name_plural), address
        return
    values = {"pk": world.people[""].pk, "content_type_id": 1, "object_id": 1, "provider_id": "institution"}
    values |= {"secret": "x", "form": "own-view", "code": "S1", "wall": world.session.wall, "uuid": world.hook.uuid}
    values |= {
        "address": KINDS["case-study"].address,
        "slug": world.draft.slug,
        "key": "sent-case",
        "app_label": "literature",
    }
    if name == "settle_words":
        values["pk"] = owned_row(KeptWords, person or world.boss).pk
    if name in ("mfa_deactivate_totp", "mfa_view_recovery_codes") and person:
        Authenticator.objects.create(user=person, type="totp", data={"secret": encrypt("x")})
        HashedRecoveryCodes.activate(person)
    if name == "choose_password":
        values["secret"] = world.secret
    if name == "mfa_remove_webauthn":
        values["pk"] = owned_row(Authenticator, person or world.boss).pk
    if "references/" in route:
        values["key"] = "sent-2026"
    if name == "take-part-table":
        values["secret"] = world.table.split("/")[-2]
    address, shown = fill_route(strip_pattern(route), values)
    yield f"`/{shown}`", "", address


class PastTheDoor(Exception):
    """Raised where a page of the workbench begins to be made: whoever got there was let in."""


@contextmanager
def stop_behind_doors():
    """Nobody looks at the pages themselves here: what comes after the question who asks is left out."""
    stop = {"side_effect": PastTheDoor}
    with (
        mock.patch.object(Template, "render", return_value=mark_safe("")),
        mock.patch.object(AdminSite, "each_context", **stop),
        mock.patch.object(ModelAdmin, "get_changelist_instance", **stop),
        mock.patch.object(ModelAdmin, "_create_formsets", **stop),
        mock.patch.object(publishable, "find_quality_issues", **stop),
    ):
        logging.disable(logging.CRITICAL)
        yield
        logging.disable(logging.NOTSET)


def is_let_in(client, method, address):
    """Whether the answer is one to somebody who may ask: a fault of what was sent is one, a door is none. What the
    request did is undone."""
    cookies = dict(client.cookies)
    with transaction.atomic():
        answer = getattr(client, method)(address)
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(cookies)
    if answer.status_code in (401, 403, 404, 405, 410, 429):
        return False
    if answer.status_code == 409 and address.startswith("/take-part/"):  # a form without a seat is given back
        return False
    leads_back = answer.status_code == 302 and answer["Location"] == "/admin/"
    if leads_back and (method == "get" or "/history/" in address):
        return False  # what is not there, or not for this person, leads back
    return not (answer.status_code in (302, 303) and answer["Location"].startswith(SIGN_IN))


def walk_doors(world, columns=None):
    """For each row of the table (what, of what): what each column is let in to do."""
    found = defaultdict(dict)
    with stop_behind_doors():
        for number, (column, client, person) in enumerate(world.clients()):
            client.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"  # nobody waits because of what others tried
            if columns is not None and column not in columns:
                continue
            for name, route in patterns_behind_doors():
                with transaction.atomic():
                    for what, of, address in examples_behind(world, name, route, person):
                        sees = is_let_in(client, "get", address)
                        changes = CHANGES if route.startswith("api/") else CHANGES[:1]
                        does = any(is_let_in(client, each, address) for each in changes)
                        found[what, of][column] = ("see" if sees else "") + (" do" if does else "")
                    transaction.set_rollback(True)
    return found


def draw_table(found):
    """The table of docs/roles.md: rows with the same answers stand together."""
    rows = defaultdict(list)
    for (what, of), said in found.items():
        rows[what, tuple(said[column].strip() for column in COLUMNS)].append(of)
    lines = [f"| | {' | '.join(COLUMNS)} |", f"|---{'|---' * len(COLUMNS)}|"]
    for (what, said), of in sorted(rows.items()):
        of = sorted(filter(None, set(of)))
        where = f"{what}: {', '.join(of)}" if of else what
        lines.append(f"| {where} | {' | '.join(each.replace(' ', ', ') or '–' for each in said)} |")
    return "\n".join(lines)
