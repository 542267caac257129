"""Taking part: what a link opens, what is saved, and what nobody can see."""

import json
import logging
import re
import statistics
import time

import lxml.html
import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.outbox.models import Message
from recommendations.consultations.invitations import find_invitation, invite_participants, remind_participants
from recommendations.consultations.models import Answerer, ConsultationRound, Invitation, Participant, Rating, Submitted
from recommendations.consultations.pseudonyms import pseudonym_of
from recommendations.consultations.series import follow_round
from recommendations.consultations.services import CannotMoveRound, announce_round, close_round, open_round
from tests.recommendations.consultations.world import DAY, answer_all, opened_round, publish_round

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_tried_before(settings, tmp_path):
    settings.QUOTA_FILE = str(tmp_path / "quota.sqlite")


def links():
    """The links of all mail that was sent, by address, as paths; the newest of each."""
    deliver_waiting()
    found = {}
    for each in mail.outbox:
        if place := re.search(r"(/take-part/link/\S+/)", each.body):
            found[each.to[0]] = place[1]
    return found


@pytest.fixture
def row(invited):
    return ConsultationRound.objects.get(pk=invited)


def tree_of(answer):
    return lxml.html.fromstring(answer.content.decode())


def send(browser, address, **values):
    """Fill in the form of a page and send it."""
    page = tree_of(browser.get(address))
    [proof] = page.xpath("(//main//form//input[@name='proof']/@value)[1]")
    seen = page.xpath("//input[@name='seen']/@value")
    return browser.post(address, {"proof": proof, **({"seen": seen[0]} if seen else {}), **values})


def come_in(link, *, consent=True, conflicts=()):
    """A browser that has opened a link and agreed."""
    browser = Client()
    assert browser.post(link, {"what": "open"}).status_code == 302
    if consent:
        send(
            browser,
            "/take-part/",
            agree="yes",
            conflicts="some" if conflicts else "none",
            conflict=list(conflicts),
        )
        send(browser, "/take-part/words/own-view/", comment="My own view.", permission="paraphrase")
    return browser


def first_link():
    return next(iter(links().values()))


def rows_of_everything():
    """Every row of every table of consultations and the outbox, as it lies in the database."""
    models = (Answerer, Invitation, Participant, Rating, Submitted, Message)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_a_scanner_spends_nothing_and_the_person_comes_in(row, caplog, django_assert_max_num_queries):
    caplog.set_level(logging.DEBUG)
    link = first_link()
    secret = link.split("/")[-2]
    before = rows_of_everything()
    scanner = Client()
    for _ in range(5):
        for ask in (scanner.get, scanner.head):
            answer = ask(link, follow=True)
            assert answer.status_code == 200
            assert answer["Referrer-Policy"] == "no-referrer"
            assert answer["Cache-Control"] == "no-store"
            assert "noindex" in answer["X-Robots-Tag"]
    assert not scanner.cookies
    assert rows_of_everything() == before
    person = Client()
    answer = person.post(link, {"what": "open"})
    assert answer.status_code == 302
    assert secret not in answer["Location"]
    assert secret not in person.get(answer["Location"]).content.decode()
    assert secret not in "".join(each.value for each in person.cookies.values())
    assert not [each for each in caplog.records if secret in each.getMessage()]
    assert secret not in json.dumps(rows_of_everything(), default=str)


def test_there_is_one_cookie_and_it_stays_below_take_part(row):
    browser = come_in(first_link())
    [cookie] = browser.cookies.values()
    assert (cookie.key, cookie["path"], cookie["httponly"], cookie["samesite"]) == (
        "takepart",
        "/take-part/",
        True,
        "Lax",
    )
    assert cookie["secure"]
    assert "one cookie" in browser.get("/take-part/").content.decode()
    assert not Client().get("/").cookies


def test_every_link_that_opens_nothing_gets_one_and_the_same_page(row, caplog):
    first, second, third, *_ = links().values()
    expired, revoked = (Invitation.objects.get(message_uid=uid_of(link)) for link in (first, second))
    now = timezone.now()
    Invitation.objects.filter(pk=expired.pk).update(created_at=now - 2 * DAY, expires_at=now - DAY)
    Invitation.objects.filter(pk=revoked.pk).update(revoked_at=now)
    altered = third[:-2] + ("A/" if third[-2] != "A" else "B/")
    pages = {}
    for name, link in (("expired", first), ("revoked", second), ("altered", altered), ("none", "/take-part/link/x/")):
        for method in ("get", "post"):
            answer = getattr(Client(), method)(link)
            assert answer.status_code == 404
            pages[name, method] = re.sub(rb'name="proof" value="\w+"', b"", answer.content)
    assert len(set(pages.values())) == 1
    assert b"any more" in pages["expired", "get"]
    assert not [each for each in caplog.records if "/take-part/" in each.getMessage()]


@pytest.mark.trials
def test_links_that_open_nothing_take_equally_long_whatever_the_cause(row, settings):
    """Interleaved, the median of many: nobody can tell by the clock whether a link was ever sent."""
    first, second, third, *_ = links().values()
    now = timezone.now()
    Invitation.objects.filter(message_uid=uid_of(first)).update(created_at=now - 2 * DAY, expires_at=now - DAY)
    Invitation.objects.filter(message_uid=uid_of(second)).update(revoked_at=now)
    altered = third[:-2] + ("A/" if third[-2] != "A" else "B/")
    tried = {"expired": first, "revoked": second, "altered": altered, "short": "/take-part/link/x/"}
    times, browser = {name: [] for name in tried}, Client()
    for _ in range(400):
        for name, link in tried.items():
            begun = time.perf_counter()
            find_invitation(link.split("/")[-2])
            times[name].append(time.perf_counter() - begun)
    assert browser.get(first).status_code == 404
    medians = {name: statistics.median(found) for name, found in times.items()}
    whole = statistics.median(timed(lambda: browser.get(altered)) for _ in range(5))
    assert max(medians.values()) - min(medians.values()) < 0.05 * whole, medians


def timed(work):
    """Seconds that it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def uid_of(link):
    return Message.objects.holding_secret(link.split("/")[-2]).get().uid


def test_an_answer_is_saved_and_found_again_on_another_device(row):
    link = first_link()
    phone = come_in(link)
    answer = send(
        phone,
        "/take-part/statements/R1/",
        **{
            "question-important": "8",
            "question-feasible": "cannot-judge",
            "comment": "Too slow.",
            "permission": "words",
        },
    )
    assert answer["Location"] == "/take-part/statements/R2/"
    desk = Client()
    desk.post(link, {"what": "open"})
    page = tree_of(desk.get("/take-part/statements/R1/"))
    assert page.xpath("//input[@checked]/@value") == ["8", "cannot-judge", "words"]
    assert page.xpath("string(//textarea)").strip() == "Too slow."
    stored = Rating.objects.get(question__code="feasible")
    assert (stored.value, stored.cannot_judge, stored.is_counted) == (None, True, False)


@pytest.mark.slow
def test_what_speaks_against_it_comes_before_why(row):
    page = come_in(first_link()).get("/take-part/statements/R1/").content.decode()
    assert page.index("What speaks against it") < page.index("Why it is put forward")


@pytest.mark.slow
def test_nobody_sees_a_statement_before_their_own_view_was_asked(row):
    browser = come_in(first_link(), consent=False)
    assert browser.get("/take-part/statements/R1/")["Location"] == "/take-part/"
    send(browser, "/take-part/", agree="yes", conflicts="none")
    assert browser.get("/take-part/statements/R1/")["Location"] == "/take-part/words/own-view/"
    send(browser, "/take-part/words/own-view/", comment="", permission="paraphrase")
    assert browser.get("/take-part/statements/R1/").status_code == 200


def test_consent_is_never_ticked_beforehand_and_names_its_notice(row):
    browser = come_in(first_link(), consent=False)
    page = tree_of(browser.get("/take-part/"))
    assert page.xpath("//input[@name='agree']")
    assert not page.xpath("//input[@checked]")
    assert send(browser, "/take-part/", conflicts="none").status_code == 400
    assert not Answerer.objects.exclude(notice_version=0).exists()
    send(browser, "/take-part/", agree="yes", conflicts="none")
    assert Answerer.objects.get(notice_version=row.notice_version).consented_on == timezone.localdate()


@pytest.mark.slow
def test_an_interest_is_declared_for_a_statement_and_its_rating_not_counted(row):
    browser = come_in(first_link(), conflicts=["R2"])
    for code in ("R1", "R2"):
        send(browser, f"/take-part/statements/{code}/", **{"question-clear": "9"})
    counted = dict(Rating.objects.values_list("statement__code", "is_counted"))
    assert counted == {"R1": True, "R2": False}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"question-clear": "0"}, "number from 1 to 9"),
        ({"question-clear": "10"}, "number from 1 to 9"),
        ({"question-clear": "seven"}, "number from 1 to 9"),
        ({"question-clear": ["3", "4"]}, "Choose one answer"),
        ({"question-price": "3"}, "not asked here"),
        ({"comment": "x" * 4001}, "4,001 characters"),
        ({"comment": "x", "permission": "all"}, "what we may do"),
    ],
)
def test_a_fault_is_told_at_its_field_and_the_rest_is_saved(values, words, row):
    browser = come_in(first_link())
    answer = send(browser, "/take-part/statements/R1/", **{"question-important": "7", **values})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert Rating.objects.get().question.code == "important"
    if len(values.get("comment", "")) > 100:
        assert values["comment"] in answer.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "<script>alert(1)</script>", "\u202eabc", "nul\0nul"])
def test_hostile_words_are_kept_as_words(text, row):
    browser = come_in(first_link())
    send(browser, "/take-part/statements/R1/", comment=text, permission="words")
    page = browser.get("/take-part/statements/R1/").content.decode()
    assert "<script>alert" not in page
    assert Submitted.objects.get(form="comment").text == text.replace("\0", "")


@pytest.mark.slow
def test_an_older_form_saved_last_overwrites_nothing_and_shows_both(row):
    link = first_link()
    phone, desk = come_in(link), come_in(link, consent=False)
    address = "/take-part/statements/R1/"
    old = tree_of(desk.get(address))
    held = {name: old.xpath(f"//input[@name='{name}']/@value")[0] for name in ("proof", "seen")}
    send(phone, address, **{"question-clear": "8"}, comment="From the phone.", permission="words")
    answer = desk.post(
        address, {**held, "question-clear": "3", "question-important": "5", "comment": "Desk.", "permission": "words"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Stored from another device: 8" in page
    assert "From the phone." in page
    assert "Desk." in page
    assert dict(Rating.objects.values_list("question__code", "value")) == {"clear": 8, "important": 5}
    assert Submitted.objects.get(form="comment").text == "From the phone."


@pytest.mark.slow
def test_a_form_of_another_site_is_refused(row):
    browser = come_in(first_link())
    assert browser.post("/take-part/statements/R1/", {"question-clear": "3"}).status_code == 403
    [proof] = set(tree_of(browser.get("/take-part/statements/R1/")).xpath("//input[@name='proof']/@value"))
    answer = browser.post(
        "/take-part/statements/R1/", {"proof": proof, "question-clear": "3"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert not Rating.objects.exists()


@pytest.mark.slow
def test_an_answer_after_closing_is_refused_and_the_text_given_back(row):
    browser = come_in(first_link())
    page = tree_of(browser.get("/take-part/statements/R1/"))
    held = {name: page.xpath(f"//input[@name='{name}']/@value")[0] for name in ("proof", "seen")}
    with connection.cursor() as cursor:  # a second after it closed, though nobody has pressed the button
        cursor.execute("set session_replication_role = replica")
        cursor.execute("update consultations_consultationround set closes_at = now() - interval '1 second'")
        cursor.execute("set session_replication_role = origin")
    answer = browser.post("/take-part/statements/R1/", {**held, "question-clear": "3", "comment": "My long text."})
    assert answer.status_code == 409
    assert "An answer is given while the round is open." in answer.content.decode()
    assert "My long text." in answer.content.decode()
    assert not Rating.objects.exists()


@pytest.mark.slow
def test_finish_receipt_download_and_withdrawal(row):
    address, link = next(iter(links().items()))
    browser = come_in(link)
    send(browser, "/take-part/statements/R1/", **{"question-clear": "9"}, comment="A comment.", permission="words")
    send(browser, "/take-part/finish/")
    person = Participant.objects.get(email=address)
    assert person.standing == "answered"
    taken = json.loads(browser.get("/take-part/answers.json").content)
    assert [(each["statement"], each["answer"]) for each in taken["answers"]] == [("R1", 9)]
    assert {each["text"] for each in taken["words"]} == {"A comment.", "My own view."}
    answer = send(browser, "/take-part/withdraw/")
    assert "deleted" in answer.content.decode()
    person.refresh_from_db()
    assert person.standing == "withdrawn"
    assert not Rating.objects.exists()
    assert not Submitted.objects.exists()
    assert Client().get(link).status_code == 404


def test_somebody_who_declines_is_not_written_to_again(row):
    link = first_link()
    assert "will not write" in Client().post(link, {"what": "decline"}).content.decode()
    sent = Message.objects.count()
    remind_participants(consultation=row, by=row.created_by)
    assert Message.objects.count() - sent == 23
    assert Client().get(link).status_code == 404


@pytest.mark.slow
def test_nobody_is_reminded_a_fourth_time_or_after_finishing(row):
    address, link = next(iter(links().items()))
    send(come_in(link), "/take-part/finish/")
    counts = [remind_participants(consultation=row, by=row.created_by) for _ in range(4)]
    assert counts == [23, 23, 23, 0]
    assert not Message.objects.filter(recipient=address, purpose="consultation-reminder").exists()


def test_a_new_link_is_sent_without_telling_who_was_invited(row):
    address, link = next(iter(links().items()))
    pages = [Client().post("/take-part/new-link/", {"email": each}).content for each in (address, "nobody@example.org")]
    assert pages[0] == pages[1]
    newer = links()[address]
    assert newer != link
    assert Client().get(link).status_code == 404
    assert Client().get(newer).status_code == 200
    for _ in range(7):
        Client().post("/take-part/new-link/", {"email": address})
    assert Message.objects.filter(recipient=address).count() <= 5


def test_links_that_open_nothing_are_counted_by_household():
    statuses = [Client().get("/take-part/link/nothing/", REMOTE_ADDR="203.0.113.9") for _ in range(12)]
    assert [each.status_code for each in statuses].count(429) == 2
    assert statuses[-1]["Retry-After"]
    assert Client().get("/take-part/link/nothing/", REMOTE_ADDR="203.0.113.77").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("anonymity", ["pseudonymous", "named", "anonymous"])
def test_nobody_reads_the_answers_of_another(anonymity):
    row = opened_round(each=5, anonymity=anonymity)
    invite_participants(consultation=row, by=row.created_by)
    browsers = [come_in(link) for link in list(links().values())[:4]]
    for value, browser in enumerate(browsers, start=1):
        send(browser, "/take-part/statements/R1/", **{"question-clear": str(value)}, comment=f"I am {value}.")
    for value, browser in enumerate(browsers, start=1):
        page = browser.get("/take-part/statements/R1/").content.decode()
        assert re.findall(r"I am (\d)\.", page) == [str(value)]
        assert re.findall(r"I am (\d)\.", browser.get("/take-part/answers.json").content.decode()) == [str(value)]


@pytest.mark.slow
def test_round_two_shows_own_rating_the_groups_and_the_wording_and_carries_nothing_over(second_round):
    row, owners = second_round
    invite_participants(consultation=row, by=row.created_by)
    deliver_waiting()
    address, link = next(iter(links().items()))
    browser = come_in(link)
    page = browser.get("/take-part/statements/R1/")
    tree = tree_of(page)
    text = " ".join(tree.text_content().split())
    assert f"In the round before you gave {owners[address]}." in text
    assert [each.strip() for each in tree.xpath("//ins/text()")] == ["sooner"]
    assert tree.xpath("//table//th[@scope='row']/text()")[:4] == [
        "Criminal justice",
        "Cross-sector",
        "Education",
        "Health",
    ]
    assert not tree.xpath("//input[starts-with(@name, 'question-')][@checked]")
    send(browser, "/take-part/statements/R1/")
    send(browser, "/take-part/finish/")
    assert not Rating.objects.filter(answerer__round=row).exists()


@pytest.fixture
def second_round():
    """Round 2 with one changed wording, and what each person had rated before."""
    first = opened_round()
    answer_all(first, lambda group, place: 1 + place % 9)
    close_round(consultation=first, by=first.created_by)
    publish_round(first)
    second = follow_round(
        before=first,
        slug=f"{first.slug}-two",
        opens_at=timezone.now() - DAY,
        closes_at=timezone.now() + DAY,
        by=first.created_by,
    )
    statement = second.statements.get(code="R1")
    statement.wording += " sooner"
    statement.save()
    publish_round(second)
    announce_round(consultation=second, by=second.created_by)
    open_round(consultation=second, by=second.created_by)
    owners = {
        person.email: Rating.objects.filter(
            answerer__round=first, answerer__pseudonym=pseudonym_of(person), statement__code="R1"
        )
        .first()
        .value
        for person in first.participants.all()
    }
    return second, owners


@pytest.mark.slow
def test_invitations_are_refused_where_links_would_stand_in_a_log(row, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    with pytest.raises(CannotMoveRound, match="into the log"):
        remind_participants(consultation=row, by=row.created_by)
