"""Rounds and a workshop with 24 invented people in four groups, to published reports: docs/consultations.md is the script."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.publishing.models import Edition
from recommendations.consultations.models import ConsultationRound, Invitation, Rating, Submitted
from recommendations.consultations.saving import AnswerSheet, save_sheet
from recommendations.consultations.taking_part import finish_answers, give_consent, give_view, seat_of
from recommendations.consultations.workshop_services import cast_ballots
from tests.browser.faults import find_faults
from tests.recommendations.consultations.test_desk import seen
from tests.recommendations.consultations.test_taking_part import come_in, send

QUESTIONS = ("important", "appropriate", "feasible", "clear")
pytestmark = [pytest.mark.usefixtures("own_library"), pytest.mark.slow]  # what it writes, the server reads
GUIDE = Path(__file__).parents[2] / "docs" / "consultations.md"
GROUPS = ("health", "education", "criminal-justice", "cross-sector")
TODAY = timezone.localdate()


@pytest.fixture(scope="module")
def staff(own_library, django_db_blocker):
    """Two facilitators and a publisher, seen by the server's own connection."""
    with django_db_blocker.unblock():
        made = {}
        for name, role in (("runs", "facilitator"), ("helps", "facilitator"), ("publishes", "publisher")):
            made[name] = User.objects.create_user(f"round-{name}", password="a long enough phrase", is_staff=True)
            made[name].groups.set(Group.objects.filter(name=role))
        return made


class Script:
    """What a facilitator does, by the names of the steps in the guide."""

    def __init__(self, browser, site, staff, *, rounds):
        self.seen = set()
        self.site, self.faults, self.number = site, [], 1
        self.slug, self.last = f"first-of-{rounds}", rounds
        self.pages = {name: self.sign_in(browser, user) for name, user in staff.items()}
        self.page = self.pages["runs"]

    def sign_in(self, browser, user):
        desk = Client()
        desk.force_login(user)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": desk.cookies["sessionid"].value, "url": self.site}])
        return context.new_page()

    @property
    def row(self):
        return ConsultationRound.objects.get(slug=self.slug)

    def go(self, where, who="runs"):
        page = self.pages[who]
        answer = page.goto(f"{self.site}/admin/consultations/consultationround/{where}")
        assert answer.status == 200, where
        if where not in self.seen:
            self.seen.add(where)
            self.faults += find_faults(page, widths=(1280,), where=where)
        return page

    def press(self, button):
        self.go(f"{self.row.pk}/run/").get_by_role("button", name=button).click()
        assert "errornote" not in self.page.content()

    def set_up(self):
        page = self.go("set-up/")
        page.get_by_label("Title").fill("An invented round")
        page.get_by_label("Slug").fill(self.slug)
        page.get_by_label("Template").select_option(index=1)
        for code in ("R1 ", "R2 "):
            page.get_by_label(re.compile(rf"\b{code}")).check()
        page.get_by_label("First day").fill(f"{TODAY - dt.timedelta(days=1)}")
        page.get_by_label("Last day").fill(f"{TODAY + dt.timedelta(days=20)}")
        page.get_by_label("Contact").fill("office@example.org")
        page.get_by_role("button", name="Make the draft").click()
        page.wait_for_url("**/change/")

    def go_over_it(self):
        page = self.go(f"{self.row.pk}/change/")
        page.fill("#id_purpose", "To hear what people who know the services think.")
        page.locator("input[name=_save]").first.click()
        assert self.row.purpose.startswith("To hear")

    def publish_the_protocol(self):
        for who, verb in (("runs", "submit"), ("publishes", "publish")):
            page = self.go(f"{self.row.pk}/verb/{verb}/", who)
            page.locator("form button, form input[type=submit]").last.click()
            page.wait_for_load_state()
        assert Edition.objects.get(kind="consultation-round", slug=self.slug, superseded_at=None)

    def announce(self):
        self.press(re.compile("^Announce"))

    def take_participants_in(self):
        if self.number == 1:
            rows = [f"{group}-{place}@people.example;{group}" for group in GROUPS for place in range(6)]
            page = self.go(f"{self.row.pk}/people/")
            page.get_by_label("Or rows").fill("\n".join(["email;group", *rows]))
            page.get_by_role("button", name="Look at them first").click()
            page.get_by_role("button", name="Take 24 people in").click()
            page.wait_for_url("**/run/")
        assert self.row.participants.count() == 24

    def open_and_send_the_links(self):
        self.press("Open")
        self.press("Send links to whoever has none")
        mail.outbox.clear()
        deliver_waiting()
        self.links = {each.to[0]: re.search(r"(/take-part/link/\S+/)", each.body)[1] for each in mail.outbox}
        assert len(self.links) == 24
        for place, (address, link) in enumerate(sorted(self.links.items())):
            if self.number == 2 and place % 8 == 7:
                continue  # some never come back
            value = "2" if address.startswith("education") else str(7 + (place + self.number) % 3)
            if self.last == 1 and place > 1:
                self.answer_without_pages(address, value)
                continue
            browser = come_in(link)
            answers = {f"question-{code}": value for code in QUESTIONS}
            words = {"comment": "Too slow.", "permission": "words"} if place == 0 and self.number == 1 else {}
            for code in ("R1", "R2"):
                send(browser, f"/take-part/statements/{code}/", **answers, **(words if code == "R1" else {}))
            if place:
                send(browser, "/take-part/finish/")

    def answer_without_pages(self, address, value):
        """What the pages do, by the verbs alone: most of the 24 come in by them, which is quicker."""
        seat = seat_of(Invitation.objects.select_related("participant__round").get(participant__email=address))
        who = give_consent(seat=seat, conflicts=[])
        give_view(who=who, form="own-view", text="", permission="paraphrase")
        for statement in seat.round.statements.all():
            save_sheet(who=who, statement=statement, sheet=AnswerSheet({code: [value] for code in QUESTIONS}))
        finish_answers(seat=seat, who=who)

    def hold_a_workshop(self):
        if self.number == 2:
            return
        page = self.go(f"{self.row.pk}/workshops/")
        now = timezone.localtime()
        page.get_by_label("Title").fill("A day in Leicester")
        page.get_by_label("Where").fill("Leicester")
        page.get_by_label("Begins").fill(f"{now:%Y-%m-%dT00:00}")
        page.get_by_label("Ends").fill(f"{now:%Y-%m-%dT23:59}")
        page.get_by_label("To read beforehand").fill("/b/R1+R2")
        page.get_by_label("Agenda").fill("10:00 Welcome\n10:30 Tables\n15:00 Votes")
        page.get_by_role("textbox", name="Votes").fill("Which comes first? | R1 | R2\nIs it ready? | Yes | No")
        page.get_by_role("button", name="Keep it").click()
        page.wait_for_url(re.compile(r"/workshops/\d+/$"))
        session = self.row.sessions.get()
        room = f"{self.row.pk}/workshops/{session.pk}/"
        page.locator("#table-1").get_by_role("button", name="Show a link").click()
        self.take_notes(page.locator("#link code").inner_text())
        first, second = session.votes.all()
        self.go(room).locator(f"#vote-{first.pk}").get_by_role("button", name="Open this vote").click()
        self.vote(page, session, first, room)
        self.go(room).locator(f"#vote-{second.pk}").get_by_role("button", name="Open this vote").click()
        on_paper = page.locator(f"#vote-{second.pk}")
        on_paper.get_by_label("Yes").fill("17")
        on_paper.get_by_label("No").fill("4")
        on_paper.get_by_role("button", name="Keep these numbers").click()
        page.locator(f"#vote-{second.pk}").get_by_role("button", name="Close this vote").click()
        self.go(f"{room}sheets/")
        self.go(room).get_by_label(re.compile("^One a line")).fill("Decision: Publish the order [the regulator]")
        page.get_by_role("button", name="Keep the minutes").click()
        assert session.minutes.get().who == "the regulator"

    def take_notes(self, link):
        """A note-taker without scripts, on a small phone."""
        context = self.page.context.browser.new_context(
            viewport={"width": 320, "height": 700}, java_script_enabled=False
        )
        phone = context.new_page()
        phone.goto(f"{self.site}/take-part/table/{link.rstrip('/').rpartition('/')[2]}/")
        phone.get_by_label("Decision").check()
        phone.get_by_label("Note").fill("Publish the order.")
        phone.get_by_role("button", name="Keep this note").click()
        assert "Publish the order." in phone.locator("ol").inner_text()
        context.close()

    def vote(self, desk, session, vote, room):
        """Somebody votes on a small phone while the wall is watched; the others by the verb alone."""
        context = self.page.context.browser.new_context(viewport={"width": 320, "height": 700})
        phone, wall = context.new_page(), context.new_page()
        wall.clock.install()
        link = self.links[min(self.links)]
        phone.goto(f"{self.site}{link}")
        phone.get_by_role("button", name="Go on").click()
        phone.get_by_role("link", name="Votes of the workshop").click()
        self.faults += find_faults(phone, widths=(320,), where="votes")
        phone.get_by_label("R1").check()
        phone.get_by_role("button", name="Vote").click()
        assert "You voted: R1." in phone.locator("main").inner_text()
        wall.goto(f"{self.site}/take-part/wall/{session.wall}/")
        assert "Vote now" in wall.locator("main").inner_text()
        for place, who in enumerate(self.row.answerers.exclude(ballots__vote=vote).order_by("group", "pk")):
            cast_ballots(who=who, chosen={vote: "R2" if place < 3 else "R1"})
        self.go(room).locator(f"#vote-{vote.pk}").get_by_role("button", name="Close this vote").click()
        wall.clock.fast_forward(60_000)
        wall.get_by_text("Fewer than 5").wait_for()  # by itself, at its next look
        assert "21" in wall.locator("main").inner_text()
        phone.get_by_text("You voted: R1.").wait_for()
        self.faults += find_faults(wall, widths=(1280, 320), where="wall")
        context.close()

    def remind(self):
        self.press(re.compile("^Remind"))
        assert self.row.log_lines.get(act="reminded").number in (1, 4)

    def close(self):
        self.press(re.compile("^Close, and"))
        assert self.row.results

    def answer_the_comments(self):
        clients = self.clients()
        for each in Submitted.objects.filter(answerer__round=self.row):
            section, where = f"#c{each.pk}", f"/admin/consultations/consultationround/{self.row.pk}/comments/"
            found = f"{self.row.pk}/comments/?q={each}"
            if each.permission == "words":
                page = self.go(found)
                page.locator(section).get_by_label("What readers get").fill(each.text)
                page.locator(section).get_by_role("button", name="I have read it: keep").click()
                other = self.go(found, "helps")
                other.locator(section).get_by_role("button", name="I have read it too").click()
                page = self.go(found)
                page.locator(section).get_by_label("What becomes of it").select_option("not-accepted")
                page.locator(section).get_by_label("Why, in public").fill("Speed was weighed.")
                page.locator(section).get_by_role("button", name="Propose this").click()
                other = self.go(found, "helps")
                other.locator(section).get_by_role("button", name=re.compile("^I agree")).click()
            else:  # 24 own views of the invented people, all the same
                sent = {"comment": each.pk, "what": "decide", "outcome": "already-so", "reason": "It says so."}
                clients["runs"].post(where, sent)
                clients["helps"].post(where, {"seen": seen(each), "what": "agree"})

    def clients(self):
        found = {}
        for name in ("runs", "helps"):
            found[name] = Client()
            found[name].force_login(User.objects.get(username=f"round-{name}"))
        return found

    def publish_the_report(self):
        page = self.go(f"{self.row.pk}/change/")
        page.fill("#id_interpretation", "Education differs.")
        page.fill("#id_limits", "The people are invented.")
        page.locator("input[name=_save]").first.click()
        self.publish_the_protocol()
        self.press("Call it reported")
        assert self.row.stage == "reported"

    def ask_again(self):
        if self.number == self.last:
            return
        page = self.go(f"{self.row.pk}/run/")
        page.get_by_text("Make the next round").click()
        page.get_by_label("Part of its address").fill("second-of-2")
        page.get_by_label("First day").fill(f"{TODAY - dt.timedelta(days=1)}")
        page.get_by_label("Last day").last.fill(f"{TODAY + dt.timedelta(days=20)}")
        page.get_by_role("button", name="Make a draft of it").click()
        self.slug, self.number = "second-of-2", 2
        statement = self.row.statements.get(code="R1")
        statement.wording += " Sooner."
        statement.save()


def list_steps():
    """The names of the numbered steps of the guide."""
    return re.findall(r"^\d+\. \*\*([^*]+?)[.,]?\*\*", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("rounds", [1, pytest.param(2, marks=pytest.mark.trials)])
def test_the_guide_is_followed_from_announcement_to_published_report(staff, browser, site, rounds):
    """One round and a workshop; in trials two, in which everybody comes in by the pages."""
    script = Script(browser, site, staff, rounds=rounds)
    steps = [re.sub(r"\W+", "_", name.lower()) for name in list_steps()]
    assert len(steps) == 12
    for name in [*steps, *(steps[1:] if rounds == 2 else [])]:
        getattr(script, name)()
    page = script.page
    if rounds == 2:
        page.goto(f"{site}/consultation-rounds/second-of-2/")
        words = page.content()
        assert "24 people were invited and 21 people answered." in words
        assert "stayed in the same" in words
        assert Rating.objects.filter(answerer__round__slug="second-of-2").count() == 21 * 8
    page.goto(f"{site}/consultation-rounds/first-of-{rounds}/")
    words = page.content()
    for each in ("Groups differ.", "Minority view.", "Speed was weighed.", "Too slow.", "Publish the order"):
        assert each in words, each
    tallies = page.get_by_role("region", name="Which comes first?").inner_text()
    assert "21" in tallies
    assert "Too few to show" in tallies
    assert "Some voted on paper" in words
    script.faults += find_faults(page, widths=(320, 1280), where="report")
    assert not script.faults, "\n".join(dict.fromkeys(script.faults))
    for each in script.pages.values():
        each.context.close()
