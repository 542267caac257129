"""The pages of spreadsheets: who may open and do what, and that they do it."""

import io

import openpyxl
import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from casestudies.models import Event, Organisation
from failure_lessons.accounts.models import User
from failure_lessons.bulk.models import Upload
from failure_lessons.history.models import Change
from tests import factories
from tests.bulk.sheets import Sheet, made
from tests.helpers import squeeze_html

pytestmark = pytest.mark.django_db
ROLES = ("researcher", "reviewer", "publisher", "steward", "partner", "")
# what a role may do with the sheet of a list: download (v), hand in (h)
MATRIX = {
    "casestudies.casestudy": {"researcher": "vh", "reviewer": "v", "publisher": "v", "steward": "v"},
    "casestudies.event": {"researcher": "vh", "reviewer": "v", "publisher": "v", "steward": "v"},
    "casestudies.indicatorvalue": {"researcher": "vh", "reviewer": "v", "publisher": "v", "steward": "v"},
    "literature.screening": {"researcher": "vh", "reviewer": "v", "publisher": "v", "steward": "v"},
    "recommendations.recommendation": {"researcher": "vh", "reviewer": "v", "publisher": "v", "steward": "v"},
    "literature.reference": {"researcher": "vh", "reviewer": "v", "publisher": "v", "steward": "vh"},
    "casestudies.organisation": {"researcher": "vh", "reviewer": "v", "publisher": "v", "steward": "vh"},
    "vocabularies.theme": {"researcher": "vh", "reviewer": "v", "publisher": "v", "steward": "vh"},
}
NO_LISTS = ("failure_lessons.user", "auth.group", "publishing.edition", "partners.token", "bulk.upload", "x.y")


def desk(role, name="somebody"):
    """The browser of somebody with a role."""
    person = User.objects.create_user(name, password="a long enough phrase", is_staff=True)
    person.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(person)
    return client


def address(page, label, *more):
    return reverse(f"bulk:{page}", args=[*label.split("."), *more])


def file(data, name="sheet.xlsx"):
    return SimpleUploadedFile(name, data)


def hand_in(client, label, data):
    """The address of the preview of a sheet."""
    answer = client.post(address("upload", label), {"file": file(data)})
    assert answer.status_code == 302, answer.context["form"].errors
    return answer["Location"]


def rows_of(answer):
    """The rows of a workbook that was downloaded."""
    data = b"".join(answer.streaming_content)
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]]


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_the_matrix_of_sheets(role):
    client = desk(role)
    for label, allowed in MATRIX.items():
        held = set()
        for mark, page in (("v", "download"), ("h", "upload")):
            answer = client.get(address(page, label))
            b"".join(answer.streaming_content if answer.streaming else ())  # to the end, which closes the file
            held |= {mark} if answer.status_code == 200 else set()
        assert held == set(allowed.get(role, "")), (role, label)


def test_nobody_gets_what_is_no_list_of_evidence():
    client = Client()
    client.force_login(User.objects.create_superuser("desk", password="a long enough phrase"))
    for label in NO_LISTS:
        assert client.get(address("download", label)).status_code == 404
        assert client.get(address("upload", label)).status_code == 404


def test_a_stranger_is_sent_to_sign_in():
    for page in ("download", "upload"):
        assert "/admin/login/" in Client().get(address(page, "casestudies.event"))["Location"]


def test_the_list_is_downloaded_as_it_is_filtered_and_searched():
    client = desk("reviewer")
    address_of_list = reverse("admin:casestudies_event_changelist")
    case = Event.objects.first().case
    page = client.get(address_of_list, {"case__id__exact": case.pk, "q": "inspect"})
    [link] = [each for each in page.content.decode().split('"') if each.startswith("/admin/spreadsheets/")]
    rows = rows_of(client.get(link.replace("&amp;", "&")))
    on_screen = page.context["cl"].queryset
    assert 0 < on_screen.count() == len(rows) - 1 < case.events.count()
    assert [row[0].split("@")[0] for row in rows[1:]] == [f"event:{each.pk}" for each in on_screen]


def test_the_chosen_rows_are_downloaded_by_the_action():
    chosen = list(Event.objects.all()[:3])
    answer = desk("publisher").post(
        reverse("admin:casestudies_event_changelist"),
        {"action": "download_chosen", "_selected_action": [each.pk for each in chosen]},
    )
    assert len(rows_of(answer)) == 4


def test_a_filter_that_is_none_is_told():
    answer = desk("researcher").get(address("download", "casestudies.event"), {"nonsense__x": "1"}, follow=True)
    assert answer.status_code == 200
    assert "cannot be filtered" in answer.content.decode()


def test_a_list_has_the_buttons_that_its_reader_may_use():
    for role, uploads in (("researcher", True), ("reviewer", False)):
        page = desk(role, role).get(reverse("admin:literature_reference_changelist")).content.decode()
        assert "Download as a spreadsheet" in page
        assert ("Upload a spreadsheet" in page) == uploads


def test_from_the_upload_to_the_result():
    record = Organisation.objects.create(slug="a", name="A", type="school")
    client = desk("researcher")
    sheet = (
        Sheet(Organisation.objects.filter(pk=record.pk))
        .write(record, Name="<b>New</b>")
        .add(Slug="b", Name="B", Type="x")
    )
    preview = hand_in(client, "casestudies.organisation", sheet.bytes())
    page = client.get(preview)
    assert "&lt;b&gt;New&lt;/b&gt;" in page.content.decode()
    before = Change.objects.count()
    confirm = {"digest": page.context["plan"]["digest"], "_take_in": "1", "_reason": "Tidied"}
    answer = client.post(preview, confirm)
    assert answer["Location"] == f"{preview}result/"
    assert "<strong>1</strong>added,<strong>1</strong>changed" in squeeze_html(client.get(answer["Location"]))
    record.refresh_from_db()
    assert record.name == "<b>New</b>"
    assert Change.objects.count() == before + 2
    again = client.post(preview, confirm, follow=True)
    assert "nothing was done a second time" in again.content.decode()
    assert Change.objects.count() == before + 2


def test_looking_writes_nothing():
    client = desk("researcher")
    before = Change.objects.count()
    preview = hand_in(client, "casestudies.organisation", made(["Slug", "Name", "Type"], ["a", "A", "x"]))
    for query in ({}, {"show": "added"}, {"show": "x", "page": "z"}):
        assert client.get(preview, query).status_code == 200
    assert client.get(f"{preview}result/")["Location"] == preview
    assert client.post(preview, {"_go": "show=added"})["Location"] == "?show=added"
    assert Change.objects.count() == before


def test_a_conflict_is_decided_on_the_page():
    record = Organisation.objects.create(slug="a", name="A", type="school")
    client = desk("researcher")
    sheet = Sheet(Organisation.objects.filter(pk=record.pk)).write(record, Name="Mine")
    Organisation.objects.filter(pk=record.pk).update(name="Theirs")
    preview = hand_in(client, "casestudies.organisation", sheet.bytes())
    page = client.get(preview)
    assert 'name="choose-2.name" value="keep" checked' in squeeze_html(page)
    digest = page.context["plan"]["digest"]
    answer = client.post(preview, {"digest": digest, "_take_in": "1", "choose-2.name": "sheet"})
    assert answer.status_code == 302
    record.refresh_from_db()
    assert record.name == "Mine"


def test_a_preview_that_is_out_of_date_is_shown_anew():
    record = Organisation.objects.create(slug="a", name="A", type="school")
    client = desk("researcher")
    sheet = Sheet(Organisation.objects.filter(pk=record.pk)).write(record, Name="Mine")
    preview = hand_in(client, "casestudies.organisation", sheet.bytes())
    digest = client.get(preview).context["plan"]["digest"]
    Organisation.objects.filter(pk=record.pk).update(name="Theirs")
    answer = client.post(preview, {"digest": digest, "_take_in": "1"})
    assert answer.status_code == 409
    assert "Something changed since you looked" in answer.content.decode()
    assert "Changed by a script" in answer.content.decode()
    assert client.post(preview, {"digest": "x", "_take_in": "1"}).status_code == 409


def test_a_published_row_asks_why_on_the_page():
    event = Event.objects.first()
    client = desk("researcher")
    sheet = Sheet(Event.objects.filter(pk=event.pk)).write(event, Title="Another")
    preview = hand_in(client, "casestudies.event", sheet.bytes())
    digest = client.get(preview).context["plan"]["digest"]
    answer = client.post(preview, {"digest": digest, "_take_in": "1", "_reason": " "})
    assert answer.status_code == 409
    assert "say why you change them" in answer.content.decode()


def test_a_sheet_is_seen_by_the_person_who_handed_it_in_alone():
    preview = hand_in(desk("researcher"), "casestudies.organisation", made(["Slug", "Name"], ["a", "A"]))
    assert desk("researcher", "another").get(preview).status_code == 404


def test_a_right_that_was_lost_since_is_not_used():
    client = desk("researcher")
    preview = hand_in(client, "casestudies.organisation", made(["Slug", "Name", "Type"], ["a", "A", "x"]))
    digest = client.get(preview).context["plan"]["digest"]
    User.objects.get(username="somebody").groups.clear()
    assert client.post(preview, {"digest": digest, "_take_in": "1"}).status_code == 403
    assert not Organisation.objects.filter(slug="a").exists()


@pytest.mark.parametrize(
    ("given", "answer"),
    [({}, "This field is required"), ({"file": b""}, "empty"), ({"file": b"%PDF-1.7"}, "PDF")],
)
def test_what_is_no_sheet_is_told_on_the_page(given, answer):
    data = {"file": file(given["file"])} if given else {}
    page = desk("researcher").post(address("upload", "casestudies.event"), data)
    assert page.status_code == 422
    assert answer in page.content.decode()
    assert not Upload.objects.exists()


def test_what_an_admin_shows_only_is_not_written(monkeypatch):
    record = factories.theme()
    client = desk("researcher")
    sheet = Sheet(type(record).objects.filter(pk=record.pk)).write(record, Label="Mine", Scope_note="Ours")
    options = "failure_lessons.vocabularies.admin.ThemeAdmin.readonly_fields"
    monkeypatch.setattr(options, ["standing", "links_here", "label"])
    page = client.get(hand_in(client, "vocabularies.theme", sheet.bytes()))
    assert [cell["field"] for cell in page.context["rows"][0]["cells"]] == ["scope_note"]
    assert "“Label” is not for you to change here" in page.content.decode()
