"""Quotations stand in the kept text, by the verb, the database and the check; what uses them is proven."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import CaseCitation
from failure_lessons.coding.models import Coding, Quotation, Use
from failure_lessons.coding.selectors import (
    TextPlace,
    find_occurrences,
    fold_text,
    resolve_selector,
    same_words,
    surrounding_text,
)
from failure_lessons.coding.services import (
    CannotCite,
    CannotCode,
    CannotQuote,
    attach_document,
    cite_quotation,
    code_quotation,
    delete_quotation,
    quote_words,
    release_use,
)
from failure_lessons.history.models import Change
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.themes.services import merge_themes
from tests import factories
from tests.coding.conftest import TEXT
from tests.examples import examples
from tests.helpers import squeeze_html

pytestmark = pytest.mark.django_db
LETTERS = st.text(alphabet="ab \n-“”\"'’–ﬁé.\u00ad😀", min_size=1, max_size=60)


@pytest.mark.slow
@given(LETTERS, st.data())
@examples(300)
def test_every_stretch_of_a_text_is_found_again_by_its_selectors(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    place = TextPlace(start, data.draw(st.integers(start + 1, len(text))))
    prefix, suffix = surrounding_text(text, place)
    assert resolve_selector(text, text[place.start : place.end], prefix, suffix) == [place]


@pytest.mark.slow
@given(st.lists(st.text(alphabet="abcdefgé", min_size=2, max_size=8), min_size=3, max_size=12), st.data())
@examples(200)
def test_words_are_found_whatever_became_of_their_white_space_hyphens_and_marks(words, data):
    breaks = st.sampled_from([" ", "\n", "  ", " \n\t"])
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))

    def divided(word):  # at the end of a line
        hyphen = data.draw(st.sampled_from(["", "-", "\u00ad", "‐"]))
        return f"{word[:1]}{hyphen}\n{word[1:]}" if hyphen else word

    printed, text, spans = [divided(word) for word in words], "", []
    for word in printed:
        spans.append((len(text), len(text) + len(word)))
        text += word + data.draw(breaks)
    asked = " ".join(words[first : last + 1])
    assert TextPlace(spans[first][0], spans[last][1]) in find_occurrences(text, asked)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“a” ‘b’", "\"a\" 'b'"),
        ("1990–95", "1990-95"),
        ("ofﬁce", "office"),
        ("and so on…", "and so on..."),
        ("inspec-\ntion", "inspection"),
        ("well-\nknown", "well-known"),
        ("a 15-\nyear term, 2015-\n16", "a 15-year term, 2015-16"),
        ("a  b\n c", "a b c"),
        ("caf\u00e9", "cafe\u0301"),
    ],
)
def test_the_same_words_printed_otherwise_are_the_same(one, other):
    assert same_words(one, other)


@pytest.mark.parametrize(("one", "other"), [("Must", "must"), ("a b", "ab"), ("no", "not"), ("3-4", "34")])
def test_other_words_are_others(one, other):
    assert not same_words(one, other)


@given(st.text(max_size=80))
def test_folding_keeps_a_place_for_each_letter_in_order(text):
    found = fold_text(text)
    starts = [place.start for place in found.places]
    assert len(found.places) == len(found.text)
    assert starts == sorted(starts)


def test_pasted_words_become_a_quotation_with_both_selectors(document, coder):
    made = quote_words(document=document, words='leaders "did not know" what was happening in classrooms', by=coder)
    assert made.exact == "leaders “did not know”\nwhat was happening in class-\nrooms"
    assert TEXT[made.start : made.end] == made.exact
    assert made.page == 1
    quoted, placed = made.selectors()
    assert resolve_selector(TEXT, quoted["exact"], quoted["prefix"], quoted["suffix"]) == [
        TextPlace(placed["start"], placed["end"])
    ]
    assert quote_words(document=document, words=made.exact, by=coder) == made


def test_words_that_occur_twice_are_told_apart(document, coder):
    words, second = "The school was inspected", TEXT.rindex("The school was inspected")
    with pytest.raises(CannotQuote, match="occur 2 times") as refusal:
        quote_words(document=document, words=words, by=coder)
    assert [place.start for place in refusal.value.places] == [0, second]
    assert quote_words(document=document, words=words, start=second, by=coder).start == second
    assert quote_words(document=document, words=words, after="in May", by=coder).start == 0
    assert quote_words(document=document, words=words, before="not tried.", by=coder).start == second
    with pytest.raises(CannotQuote, match="not with those words"):
        quote_words(document=document, words=words, before="never written", by=coder)


@pytest.mark.parametrize("words", ["", "  \n", "never written there", "\0", "the school was inspected"])
def test_words_that_are_not_there_make_no_quotation(words, document, coder):
    with pytest.raises(CannotQuote):
        quote_words(document=document, words=words, by=coder)
    assert not document.quotations.exists()


def test_the_database_itself_refuses_words_that_are_not_in_the_text(document, coder):
    made = quote_words(document=document, words="Staff spoke of relief", by=coder)
    for change in (
        {"exact": "Staff spoke of belief"},
        {"start": made.start - 1, "end": made.end - 1},
        {"end": made.end + 1},
    ):
        with pytest.raises(DatabaseError, match="stand in the kept text"), transaction.atomic():
            Quotation.objects.filter(pk=made.pk).update(**change)


def test_the_check_names_what_is_not_found_once(document, coder, capsys):
    made = quote_words(document=document, words="The school was inspected", after="in May", by=coder)
    call_command("check_quotations")
    assert "all as they should be" in capsys.readouterr().out
    Quotation.objects.filter(pk=made.pk).update(prefix="", suffix="", page=2)
    with pytest.raises(CommandError, match="2 faults"):
        call_command("check_quotations")
    said = capsys.readouterr().err
    assert f"Quotation {made.pk}" in said
    assert "occur 2 times" in said
    with connection.cursor() as cursor:  # behind the back of every rule
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table coding_quotation disable trigger user")
        cursor.execute("update coding_quotation set exact = 'The school was inspectad', prefix = ''")
        cursor.execute("alter table coding_quotation enable trigger user")
    with pytest.raises(CommandError):
        call_command("check_quotations")
    assert "do not stand at" in capsys.readouterr().err


def test_a_quotation_is_coded_once_by_a_coder(document, coder, person):
    made, theme = quote_words(document=document, words="Staff spoke of relief", by=coder), factories.theme()
    assert len(code_quotation(quotation=made, themes=[theme, theme], by=coder)) == 1
    assert code_quotation(quotation=made, themes=[theme], by=coder) == []
    assert len(code_quotation(quotation=made, themes=[theme], by=person("other", "researcher"))) == 1
    Theme.objects.filter(pk=theme.pk).update(state="withdrawn")
    theme.refresh_from_db()
    with pytest.raises(CannotCode, match="withdrawn"):
        code_quotation(quotation=made, themes=[theme], by=coder)
    assert {change.by for change in Change.objects.of(made)} >= {coder}


def test_a_statement_cites_the_words_and_the_chain_is_proven(document, coder):
    finding = factories.case().findings.get()
    made = quote_words(document=document, words="leaders “did not know” what was happening in classrooms", by=coder)
    use = cite_quotation(quotation=made, statement=finding, locator="p. 3", by=coder)
    cited = finding.citations.get(reference=document.reference)
    assert (cited.quotation, cited.locator) == ("leaders “did not know” what was happening in classrooms", "p. 3")
    assert cite_quotation(quotation=made, statement=finding, locator="p. 3", by=coder) == use
    assert finding.citations.count() == 2
    with pytest.raises(CannotQuote, match="A statement quotes these words"):
        delete_quotation(quotation=made, by=coder)
    with pytest.raises(CannotCite, match="still quotes"):
        release_use(use=use, by=coder)
    values = {"reference": cited.reference, "quotation": cited.quotation}
    cited.delete()
    CaseCitation.objects.create(finding=finding, **values)  # as the form does, which writes citations anew
    call_command("check_quotations")
    finding.citations.filter(reference=document.reference).update(quotation="leaders knew")
    with pytest.raises(CommandError, match="1 faults"):
        call_command("check_quotations")
    release_use(use=use, by=coder)
    delete_quotation(quotation=made, by=coder)
    call_command("check_quotations")


def test_more_than_forty_words_are_not_cited(coder):
    text = " ".join(f"word{number}" for number in range(60))
    document = attach_document(reference=factories.reference(), name="a", data=text.encode(), by=coder)
    finding = factories.case().findings.get()
    long = quote_words(document=document, words=" ".join(text.split()[:41]), by=coder)
    with pytest.raises(CannotCite, match="41 words"):
        cite_quotation(quotation=long, statement=finding, locator="", by=coder)
    short = quote_words(document=document, words=" ".join(text.split()[:40]), by=coder)
    assert cite_quotation(quotation=short, statement=finding, locator="", by=coder).pk
    assert finding.citations.count() == 2


def test_what_is_in_review_is_not_cited_in_and_what_is_published_asks_why(document, coder, publisher):
    case = factories.case()
    made, event = quote_words(document=document, words="Staff spoke of relief", by=coder), case.events.get()
    submit_record(record=case, by=coder)
    with pytest.raises(CannotCite, match="in review"):
        cite_quotation(quotation=made, statement=event, locator="", by=coder)
    publish_record(record=case, by=publisher)
    with pytest.raises(CannotCite, match="say why"):
        cite_quotation(quotation=made, statement=event, locator="", by=coder)
    cite_quotation(quotation=made, statement=event, locator="", by=coder, note="A better source.")
    change = Change.objects.filter(key__startswith="casestudies_casecitation:").last()
    assert (change.by, change.reason) == (coder, "A better source.")


@pytest.mark.slow
def test_words_are_quoted_coded_and_cited_through_the_pages(document, coder, browser_of):
    desk, theme, case = browser_of(coder), factories.theme(label="=Relief"), factories.case()
    read = reverse("admin:coding_sourcedocument_read", args=[document.pk])
    twice = desk.post(read, {"words": "The school was inspected"})
    assert twice.status_code == 422
    second = TEXT.rindex("The school was inspected")
    assert f'value="{second}"' in twice.content.decode()
    answer = desk.post(read, {"words": "The school was inspected", "start": second, "themes": [theme.pk]})
    made = document.quotations.get()
    assert answer["Location"].endswith(f"#q{made.pk}")
    assert f'<mark id="q{made.pk}">The school was inspected</mark>' in squeeze_html(desk.get(read))
    address = reverse("admin:coding_quotation_change", args=[made.pk])
    page = desk.get(address, {"within": f"case:{case.pk}"}).content.decode()
    event = case.events.get()
    assert f'value="event:{event.pk}"' in page
    do = reverse("admin:coding_quotation_do", args=[made.pk, "cite"])
    assert desk.post(do, {"statement": f"event:{event.pk}", "locator": "p. 1"}).status_code == 302
    assert event.citations.get(quotation="The school was inspected").locator == "p. 1"
    assert Use.objects.get(quotation=made).statement == event
    for wrong in ("", "event:0", "event:99999999999999999999", "user:1", "event:x"):
        assert desk.post(do, {"statement": wrong}).status_code == 422
    rows = list(csv.reader(io.StringIO(desk.get(reverse("admin:coding_coding_csv")).content.decode("utf-8-sig"))))
    assert [row[:2] for row in rows] == [["Theme", "Words"], ["'=Relief", "The school was inspected"]]
    uncode = reverse("admin:coding_quotation_do", args=[made.pk, "uncode"])
    assert desk.post(uncode, {"row": Coding.objects.get().pk}).status_code == 302
    assert not Coding.objects.exists()
    assert desk.get(uncode).status_code == 403


@pytest.mark.slow
def test_coded_segments_are_filtered_and_words_of_private_documents_stay_unseen(document, coder, person, browser_of):
    one, two, case = factories.theme(), factories.theme(), factories.case()
    made = quote_words(document=document, words="Staff spoke of relief", by=coder)
    code_quotation(quotation=made, themes=[one, two], by=coder)
    cite_quotation(quotation=made, statement=case.findings.get(), locator="", by=coder)
    address, desk = reverse("admin:coding_coding_changelist"), browser_of(coder)
    for asked, number in (
        ({}, 2),
        ({"theme": one.slug}, 1),
        ({"case": case.slug}, 2),
        ({"case": factories.case().slug}, 0),
        ({"document": document.pk}, 2),
        ({"coder": "coder", "theme": two.slug}, 1),
    ):
        assert desk.get(address, asked).context["page"].paginator.count == number, asked
    for wrong in ({"theme": "x"}, {"document": "x\0"}, {"coder": "nobody"}, {"p": "x"}):
        assert desk.get(address, wrong).status_code in (200, 422)
    steward = browser_of(person("steward", "steward"))
    assert steward.get(address).context["page"].paginator.count == 0
    assert "relief" not in steward.get(reverse("admin:coding_coding_csv")).content.decode()
    assert "relief" not in steward.get(address, {"q": "relief"}).content.decode().replace("q=relief", "")


@pytest.mark.slow
def test_queries_do_not_grow_with_the_segments(document, coder, browser_of, django_assert_max_num_queries):
    desk, theme = browser_of(coder), factories.theme()
    code_quotation(quotation=quote_words(document=document, words="May", by=coder), themes=[theme], by=coder)
    addresses = [
        reverse("admin:coding_coding_changelist"),
        reverse("admin:coding_coding_csv"),
        reverse("admin:coding_sourcedocument_read", args=[document.pk]),
        reverse("admin:coding_coding_project"),
    ]
    counts = []
    for _ in range(2):
        for address in addresses:
            desk.get(address)
        for address in addresses:
            with django_assert_max_num_queries(60) as asked:
                desk.get(address)
            counts.append(len(asked))
        for words in ("Staff", "relief", "October", "remedies", "leaders", "happening"):
            code_quotation(quotation=quote_words(document=document, words=words, by=coder), themes=[theme], by=coder)
    assert counts[:4] == counts[4:]


def test_when_themes_are_merged_what_was_coded_moves_along(document, coder):
    keep, lose = factories.theme(), factories.theme()
    quotations = [
        quote_words(document=document, words=words, by=coder) for words in ("Staff spoke of relief.", "in May")
    ]
    code_quotation(quotation=quotations[0], themes=[keep, lose], by=coder)
    code_quotation(quotation=quotations[1], themes=[lose], by=coder)
    merge_themes(keep=keep, lose=lose, by=coder, note="They mean the same.")
    assert [coding.theme for each in quotations for coding in each.codings.all()] == [keep, keep]
    assert not Theme.objects.filter(pk=lose.pk).exists()
