"""Documents are read, quoted, coded and exchanged in a real browser: axe finds nothing, the keyboard is enough."""

import uuid

import pytest
from django.test import Client

from failure_lessons.accounts.models import User
from failure_lessons.coding.models import Code, Coding, QdaImport, Quotation, SourceDocument, Use
from failure_lessons.coding.services import attach_document
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference
from tests.browser.faults import find_faults
from tests.coding.conftest import TEXT
from tests.coding.test_refi import codes, qdc

pytestmark = pytest.mark.usefixtures("own_library")


@pytest.fixture
def desk(site, browser):
    """Opens pages of a given width as somebody who may do everything, and clears up behind them."""
    user = User.objects.create_superuser(f"desk-{uuid.uuid4().hex[:8]}", password="a long enough phrase")
    signed = Client()
    signed.force_login(user)
    contexts = []
    reference = Reference.objects.create(slug=f"doc-{uuid.uuid4().hex[:8]}", type="report", title="Notes")
    data = ("😀 First line.\n" + TEXT).encode()
    document = attach_document(reference=reference, name="notes.txt", data=data, by=user)
    themes = set(Theme.objects.values_list("pk", flat=True))

    def open_page(width):
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": signed.cookies["sessionid"].value, "url": site}])
        page = context.new_page()
        page.document = document
        page.base = site
        page.faults = []
        page.checking = False  # axe itself puts styles into a page
        page.on(
            "console",
            lambda said: (
                page.faults.append(f"{page.url}: {said.text}")
                if "Security Policy" in said.text and not page.checking
                else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    for model in (Use, Coding, Quotation):
        model.objects.all().delete()
    QdaImport.objects.all().delete()
    Code.objects.filter(parent__isnull=False).delete()
    Code.objects.all().delete()
    Theme.objects.exclude(pk__in=themes).delete()
    SourceDocument.objects.all().delete()
    reference.delete()
    User.objects.filter(pk=user.pk).update(is_active=False)


def look(page):
    """What is wrong with the page; what the policy refuses axe itself does not count."""
    page.checking = True
    found = find_faults(page)
    page.checking = False
    return found


def test_the_pages_of_documents_and_coding_are_accessible(desk, tmp_path):
    page = desk(1280)
    admin = f"{page.base}/admin/coding"
    faults = []

    def looked(address=None):
        if address:
            page.goto(f"{admin}/{address}")
        faults.extend(look(page))

    looked("sourcedocument/")
    looked("sourcedocument/add/")
    looked(f"sourcedocument/{page.document.pk}/change/")
    looked(f"sourcedocument/{page.document.pk}/read/?find=inspected")
    page.fill("#id_words", "The school was inspected")
    page.get_by_role("button", name="Quote these words").click()
    assert "occur 2 times" in page.inner_text("main")
    looked()
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Quote these words").click()
    looked()
    page.get_by_role("link", name="The school was inspected").click()
    page.get_by_text("Add themes").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Code with these themes").click()
    page.get_by_label("Case study or review").select_option(index=1)
    page.get_by_role("button", name="Show its statements").click()
    looked()
    looked("coding/")
    assert "The school was inspected" in page.inner_text("main")
    looked("quotation/")
    looked("qdaimport/add/")
    file = tmp_path / "book.qdc"
    file.write_bytes(qdc(codes()))
    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="Look at what is in it").click()
    looked()
    page.get_by_role("button", name="Take it in").click()
    looked()
    assert faults + page.faults == []


def test_selected_words_become_a_quotation_at_the_place_that_was_selected(desk):
    page = desk(1280)
    page.goto(f"{page.base}/admin/coding/sourcedocument/{page.document.pk}/read/")
    page.evaluate(
        """() => {
            const text = document.getElementById("kept").firstChild;
            const start = text.data.lastIndexOf("The school was inspected");
            document.getSelection().setBaseAndExtent(text, start, text, start + "The school was inspected".length);
        }"""
    )
    page.wait_for_function("document.getElementById('id_words').value === 'The school was inspected'")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Quote these words").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("mark")
    made = Quotation.objects.get(document=page.document)
    assert made.exact == "The school was inspected"
    assert made.start == made.document.file.text.rindex("The school was inspected")
    assert not page.faults
