"""Two people who edit one record at a time: each word of either stands in the record, or is kept for its author."""

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import CaseStudy, Event
from failure_lessons.publishing.services import submit_record, take_back_record
from failure_lessons.workbench.models import KeptWords
from tests import factories
from tests.examples import examples
from tests.helpers import text_of_page
from tests.workbench.forms import browser_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    made = factories.case(title="A case")
    Event.objects.create(case=made, date="1997", phase="onset", title="It went on", description="Long.", position=1)
    return made


def address_of(case):
    return reverse("admin:casestudies_casestudy_change", args=[case.pk])


def both_open(case, one, other):
    return (browser_data(desk.get(address_of(case))) for desk in (one, other))


@pytest.mark.slow
def test_what_i_did_not_touch_keeps_theirs(case, amara, ben, browser_of):
    one, other = browser_of(amara), browser_of(ben)
    hers, his = both_open(case, one, other)
    one.post(address_of(case), hers | {"title": "Her title", "events-1-description": "Her\r\ndescription"})
    answer = other.post(address_of(case), his | {"end_edtf": "2001", "events-1-title": "His event"}, follow=True)
    assert "What you did not touch stays theirs" in text_of_page(answer)
    case.refresh_from_db()
    event = case.events.get(position=1)
    assert (case.title, case.end_edtf) == ("Her title", "2001")
    assert (event.title, event.description) == ("His event", "Her\ndescription")
    assert not KeptWords.objects.exists()


@pytest.mark.slow
def test_where_both_wrote_theirs_stands_and_mine_is_kept_for_me(case, amara, ben, browser_of):
    one, other = browser_of(amara), browser_of(ben)
    hers, his = both_open(case, one, other)
    one.post(address_of(case), hers | {"title": "Her title"})
    answer = other.post(address_of(case), his | {"title": "His title", "end_edtf": "2001"}, follow=True)
    case.refresh_from_db()
    assert (case.title, case.end_edtf) == ("Her title", "2001")
    page = text_of_page(answer)
    assert "you both wrote" in page
    assert "His title" in page
    assert "Her title" in page
    home = text_of_page(other.get(reverse("admin:index")))
    assert "His title" in home
    assert "His title" not in text_of_page(one.get(reverse("admin:index")))
    [kept] = KeptWords.objects.waiting_for(ben)
    settle = reverse("admin:settle_words", args=[kept.pk])
    assert one.post(settle).status_code == 404
    assert other.post(settle).status_code == 302
    assert "His title" not in text_of_page(other.get(reverse("admin:index")))


@pytest.mark.slow
def test_rows_that_others_added_removed_and_changed(case, amara, ben, browser_of):
    one, other = browser_of(amara), browser_of(ben)
    hers, his = both_open(case, one, other)
    added = {
        "events-TOTAL_FORMS": "3",
        "events-2-position": "2",
        "events-2-date": "1998",
        "events-2-phase": "onset",
    }
    one.post(address_of(case), hers | added | {"events-2-title": "Added by her", "events-1-DELETE": "on"})
    his |= added | {"events-2-title": "Added by him", "events-1-title": "Changed by him", "events-0-title": "Began so"}
    assert other.post(address_of(case), his).status_code == 302
    assert set(case.events.values_list("title", flat=True)) == {"Began so", "Added by her", "Added by him"}
    [kept] = KeptWords.objects.waiting_for(ben)
    assert kept.words == "Changed by him"


@pytest.mark.slow
def test_a_row_that_they_changed_is_not_removed_by_me(case, amara, ben, browser_of):
    one, other = browser_of(amara), browser_of(ben)
    hers, his = both_open(case, one, other)
    one.post(address_of(case), hers | {"events-1-title": "Hers"})
    other.post(address_of(case), his | {"events-1-DELETE": "on", "events-0-DELETE": "on"})
    assert list(case.events.values_list("title", flat=True)) == ["Hers"]


@pytest.mark.slow
def test_a_form_opened_before_a_review_is_merged_after_it_was_taken_back(case, amara, ben, browser_of):
    one, other = browser_of(amara), browser_of(ben)
    hers, his = both_open(case, one, other)
    one.post(address_of(case), hers | {"title": "Her title"})
    submit_record(record=case, by=amara)
    refused = other.post(address_of(case), his | {"end_edtf": "2001"})
    assert refused.status_code == 200
    again = browser_data(refused)
    assert again["end_edtf"] == ["2001"]
    take_back_record(record=case, by=amara)
    assert other.post(address_of(case), again).status_code == 302
    case.refresh_from_db()
    assert (case.title, case.end_edtf) == ("Her title", "2001")


TEXTS = ["title", "sections-0-text", "events-0-title", "events-0-description", "events-1-description"]
STEPS = st.one_of(
    st.tuples(st.sampled_from([0, 1]), st.just("open"), st.just("")),
    st.tuples(st.sampled_from([0, 1]), st.just("save"), st.just("")),
    st.tuples(st.sampled_from([0, 1]), st.just("write"), st.sampled_from(TEXTS)),
    st.tuples(st.sampled_from([0, 1]), st.just("add"), st.just("")),
    st.tuples(st.sampled_from([0, 1]), st.just("remove"), st.just("events-1")),
)


# each sort of step by each of the two, between an opening and a saving of the other
EDITED_IN_TURN = [
    *((0, "write", "title"), (1, "write", "title"), (0, "write", "events-1-description"), (1, "remove", "events-1")),
    *((0, "save", ""), (1, "add", ""), (1, "write", "sections-0-text"), (1, "save", "")),
    *((0, "add", ""), (1, "open", ""), (0, "write", "events-0-title"), (1, "write", "events-0-title")),
    *((1, "save", ""), (0, "remove", "events-1")),
]


class Editor:
    """A person with the form open, and the words that they wrote since it was opened."""

    def __init__(self, person, desk, case):
        self.person, self.desk, self.case = person, desk, case
        self.open()

    def open(self):
        self.data, self.written = browser_data(self.desk.get(address_of(self.case))), []

    def write(self, name, word):
        if name in self.data and f"{name.rpartition('-')[0]}-DELETE" not in self.data:
            self.data[name] = [f"{self.data[name][0]} {word}"]
            self.written.append(word)

    def add(self, word):
        place = int(self.data["events-TOTAL_FORMS"][0])
        row = {"position": "9", "date": "1999", "phase": "onset", "title": word, "description": "", "sources": ""}
        self.data |= {f"events-{place}-{name}": [value] for name, value in row.items()}
        self.data["events-TOTAL_FORMS"] = [str(place + 1)]
        self.written.append(word)

    def remove(self, row):
        """Take a row out, knowing what stands in it."""
        if f"{row}-id" in self.data and self.data[f"{row}-id"][0]:
            self.data[f"{row}-DELETE"] = ["on"]
            return {word for name, [text, *_] in self.data.items() if name.startswith(row) for word in text.split()}
        return set()

    def save(self):
        answer = self.desk.post(address_of(self.case), self.data)
        assert answer.status_code == 302, answer.context["errors"]
        saved = self.written
        self.open()
        return saved


def words_that_stand(case, person):
    held = [CaseStudy.objects.get(pk=case.pk).title, *case.sections.values_list("text", flat=True)]
    held += [text for row in case.events.values_list("title", "description") for text in row]
    kept = [each.words for each in KeptWords.objects.waiting_for(person)]
    return {word for text in (*held, *kept) for word in text.split()}


@pytest.mark.slow
def test_each_word_of_either_stands_or_is_kept_for_its_author(case, amara, ben, browser_of):
    edit_in_turn(EDITED_IN_TURN, case, (amara, ben), browser_of)


@pytest.mark.trials
@pytest.mark.timeout(7200)  # a thousand interleavings
@examples(8, in_trials=1000)
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_it_is_so_in_whatever_order_they_write_and_save(steps, case, amara, ben, browser_of):
    edit_in_turn(steps, case, (amara, ben), browser_of)


def edit_in_turn(steps, case, people, browser_of):
    with transaction.atomic():
        editors = [Editor(person, browser_of(person), case) for person in people]
        saved, gone = [set(), set()], set()
        for number, (who, step, place) in enumerate([*steps, (0, "save", ""), (1, "save", "")]):
            editor, word = editors[who], f"w{number}w"
            if step == "open":
                editor.open()
            elif step == "write":
                editor.write(place, word)
            elif step == "add":
                editor.add(word)
            elif step == "remove":
                gone |= editor.remove(place)
            else:
                saved[who] |= set(editor.save())
            for editor, written in zip(editors, saved, strict=True):
                assert written - gone <= words_that_stand(case, editor.person), (number, step)
        transaction.set_rollback(True)
