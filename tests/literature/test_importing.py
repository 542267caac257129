"""References come in: looked at first, all or none, drafts only, by those who may."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.history.models import Change
from failure_lessons.publishing.models import Edition
from literature.importing.keys import KeyAllocator
from literature.importing.preview import ImportRowStatus, preview_rows
from literature.importing.readers import read_items
from literature.importing.services import (
    REFERENCE_IMPORT_RETENTION,
    CannotImportReferences,
    decide_import_rows,
    finish_import,
    stage_import,
)
from literature.models import Reference, ReferenceImport
from tests import factories
from tests.literature.importing_texts import ARTICLE, FILES, RIS

pytestmark = pytest.mark.django_db
START = reverse("admin:literature_reference_import")


def may(user, *names):
    """A member of staff with these permissions on references."""
    user.is_staff = True
    user.save()
    wanted = [f"{name}_reference" for name in names]
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="literature", codename__in=wanted))
    return user


@pytest.fixture
def desk(client, researcher):
    client.force_login(may(researcher, "add", "change", "delete", "view"))
    return client


def taken(text, by, decisions=()):
    """A text taken in, and what came of each row."""
    staged = stage_import(name="a file.ris", data=text.encode(), by=by)
    decide_import_rows(staged=staged, decisions=dict(decisions), by=by)
    return finish_import(staged=staged, by=by)


def record(title, extra=""):
    return f"TY  - RPRT\nTI  - {title}\nAU  - Zimmer, Ada\nPY  - 2031\n{extra}ER  - \n"


@pytest.mark.slow
@pytest.mark.parametrize("form", FILES)
def test_each_form_becomes_drafts(form, researcher):
    first = taken(FILES[form], researcher)[0]
    made = Reference.objects.get(pk=first["pk"])
    assert (made.slug, made.state) == ("walshe-2002", "draft")
    assert (made.title, made.container_title, made.doi) == (ARTICLE["title"], "BMJ", ARTICLE["DOI"])
    assert made.csl["volume"] == "325"
    assert not Edition.objects.filter(record_id=made.record_id).exists()


def test_the_history_says_who_and_from_which_file(researcher):
    change = Change.objects.of(Reference.objects.get(pk=taken(RIS, researcher)[0]["pk"])).get()
    assert change.by == researcher
    assert change.reason == "Imported from a file.ris"


def test_what_is_here_is_skipped_what_resembles_it_is_shown_and_the_rest_is_new(shipped):
    known = next(each for each in shipped["references"] if each["id"] == "andrews2006")
    text = f"TY  - JOUR\nTI  - X\nDO  - {known['DOI']}\nER  - \n" + record("A wholly new matter of zebras")
    near = next(each for each in shipped["references"] if each["id"] == "allenburgess2012")
    text += f"TY  - RPRT\nTI  - {near['title'].replace('schools', 'skools')}\nER  - \n" + "TY  - JOUR\nER  - \n"
    rows = preview_rows(read_items(text, "ris"))
    assert [row.standing for row in rows] == [
        ImportRowStatus.HERE,
        ImportRowStatus.NEW,
        ImportRowStatus.PERHAPS,
        ImportRowStatus.FAULTY,
    ]
    assert rows[0].known.slug == "andrews2006"
    assert rows[2].known.slug == "allenburgess2012"
    assert [row.chosen_action({}) for row in rows] == ["skip", "import", "skip", "skip"]


def test_a_row_twice_in_the_file_comes_in_once(researcher):
    results = taken(record("Zebras in care") * 2, researcher)
    assert [each["action"] for each in results] == ["import", "skip"]
    assert Reference.objects.filter(title="Zebras in care").count() == 1


def test_a_draft_is_updated_and_keeps_what_the_file_lacks(researcher):
    draft = factories.reference("Zebras in care", author=[{"family": "Zimmer"}], note="Ours.", csl={"genre": "Essay"})
    text = record("Zebras in care", "VL  - 7\nUR  - https://example.org/z\n")
    result = taken(text, researcher, {"1": "update"})[0]
    draft.refresh_from_db()
    assert result["action"] == "update"
    assert (draft.note, draft.url, draft.csl) == ("Ours.", "https://example.org/z", {"genre": "Essay", "volume": "7"})
    assert draft.author == [{"family": "Zimmer", "given": "Ada"}]


@pytest.mark.slow
def test_what_is_published_is_never_updated_from_a_file(shipped, researcher):
    known = Reference.objects.get(slug="allenburgess2012")
    text = f"TY  - RPRT\nTI  - {known.title}\nPY  - 2012\nER  - \n"
    assert "update" not in preview_rows(read_items(text, "ris"))[0].actions
    with pytest.raises(CannotImportReferences, match="allenburgess2012"):
        taken(text, researcher, {"1": "update"})


def test_a_doi_that_came_in_since_the_preview_stops_the_whole_import(researcher):
    text = record("Zebras one") + record("Yaks in school", "DO  - 10.1234/yak\n")
    staged = stage_import(name="f", data=text.encode(), by=researcher)
    decide_import_rows(staged=staged, decisions={"1": "import", "2": "import"}, by=researcher)
    factories.reference("Other", doi="10.1234/YAK")
    with pytest.raises(CannotImportReferences, match="Row 2"):
        finish_import(staged=staged, by=researcher)
    assert not Reference.objects.filter(title="Zebras one").exists()


def test_a_file_is_imported_once(researcher):
    staged = stage_import(name="f", data=RIS.encode(), by=researcher)
    finish_import(staged=staged, by=researcher)
    with pytest.raises(CannotImportReferences, match="already"):
        finish_import(staged=staged, by=researcher)
    assert Reference.objects.filter(slug__startswith="walshe-2002").count() == 1


def test_old_files_are_thrown_away(researcher):
    old = stage_import(name="f", data=RIS.encode(), by=researcher, now=timezone.now() - REFERENCE_IMPORT_RETENTION * 2)
    stage_import(name="g", data=RIS.encode(), by=researcher)
    assert not ReferenceImport.objects.filter(pk=old.pk).exists()


def test_keys_are_readable_and_unique():
    keys = KeyAllocator(["smith-2019", "smith-2019-b"])
    smith = {"title": "T", "author": [{"family": "Smith"}], "issued": {"date-parts": [[2019]]}}
    assert [keys.allocate_key(smith) for _ in range(2)] == ["smith-2019-c", "smith-2019-d"]
    assert keys.allocate_key({"title": "日本", "author": [{"family": "日本"}]}) == "reference-undated"
    assert keys.allocate_key({"title": "T", "author": [{"literal": "Müller & Søn"}]}) == "muller-son-undated"
    many = [keys.allocate_key(smith) for _ in range(60)]
    assert len(set(many)) == 60
    long = keys.allocate_key({"title": "x" * 400})
    assert len(long) <= 60


@pytest.mark.parametrize("size", [3, 300])
def test_queries_do_not_grow_with_the_rows(size, researcher, django_assert_max_num_queries):
    words = ["zebra", "yak", "ibex", "newt", "crab", "swan", "toad"]
    title = "The {} of {} and {} number {}"
    text = "".join(record(title.format(words[n % 7], words[n // 7 % 7], words[n // 49 % 7], n)) for n in range(size))
    staged = stage_import(name="f", data=text.encode(), by=researcher)
    with django_assert_max_num_queries(16):
        results = finish_import(staged=staged, by=researcher)
    assert sum(each["action"] == "import" for each in results) == size


@pytest.mark.slow
def test_from_the_list_to_the_drafts_in_the_browser(desk):
    assert START in desk.get(reverse("admin:literature_reference_changelist")).content.decode()
    answer = desk.post(START, {"file": SimpleUploadedFile("mine.ris", RIS.encode())})
    page = desk.get(answer["Location"])
    assert "Look before you import" in page.content.decode()
    assert not Reference.objects.filter(slug="walshe-2002").exists()
    kept = desk.post(answer["Location"], {"row-1": "skip", "_go": "show=new"})
    assert kept["Location"] == "?show=new"
    done = desk.post(answer["Location"], {"_import": ""}, follow=True)
    assert "1 new draft" in done.content.decode()
    assert not Reference.objects.filter(slug="walshe-2002").exists()
    assert Reference.objects.filter(slug="ofsted-2013").exists()
    again = desk.post(answer["Location"], {"_import": ""}, follow=True)
    assert "See what was made" in again.content.decode()
    assert Reference.objects.filter(slug__startswith="ofsted-2013").count() == 1


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Choose a file, or paste references."),
        ({"text": "   "}, "Choose a file, or paste references."),
        ({"text": "Dear colleague"}, "none of the forms"),
        ({"text": RIS, "form": "csv"}, "one of them has to be “Title”"),
        ({"text": RIS, "form": "nope"}, "not one of the available choices"),
        ({"file": b"PK\x03\x04"}, "zip archive"),
        ({"file": b"TY  - JOUR\x00"}, "NUL"),
        ({"file": b"x" * 10_000_001}, "10.0 MB"),
        ({"file": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml>&e;</xml>'}, "XML entities"),
    ],
)
def test_what_cannot_be_read_is_explained_and_changes_nothing(sent, words, desk):
    if "file" in sent:
        sent = {"file": SimpleUploadedFile("f", sent["file"])}
    before = Reference.objects.count()
    answer = desk.post(START, sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (Reference.objects.count(), ReferenceImport.objects.count()) == (before, 0)


def test_words_of_a_file_are_never_markup(desk):
    answer = desk.post(START, {"text": record("<script>alert(1)</script> \u202e=cmd|x!A1")}, follow=True)
    assert "<script>alert" not in answer.content.decode()
    assert "script-src" not in answer["Content-Security-Policy"]  # nothing is loosened


@pytest.mark.slow
def test_only_who_may_add_references_may_import(client, researcher, publisher):
    staged = stage_import(name="f", data=RIS.encode(), by=researcher)
    addresses = [START, reverse("admin:literature_reference_import_preview", args=[staged.pk])]
    client.force_login(may(publisher, "view", "change"))
    for address in addresses:
        assert client.get(address).status_code == 403
        assert client.post(address, {"text": RIS, "_import": ""}).status_code == 403
    assert START not in client.get(reverse("admin:literature_reference_changelist")).content.decode()
    client.force_login(may(User.objects.get(pk=publisher.pk), "add"))
    assert client.get(addresses[1]).status_code == 404  # somebody else's file
    client.logout()
    assert "/login/" in client.get(START)["Location"]
    assert not Reference.objects.filter(slug="walshe-2002").exists()


def test_odd_addresses_and_answers_do_no_harm(desk, researcher):
    staged = stage_import(name="f", data=RIS.encode(), by=researcher)
    address = reverse("admin:literature_reference_import_preview", args=[staged.pk])
    assert desk.get(f"{address}?show=x&page=zzz").status_code == 200
    assert desk.post(address, {"row-1": "destroy", "row-x\x00": "import", "_go": "//evil"}).status_code == 302
    staged.refresh_from_db()
    assert "1" not in staged.decisions
