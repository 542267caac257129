"""A review from the search to the evidence profile by two people, in the numbered steps of docs/researchers.md."""

import uuid

import pytest
from django.contrib.auth.models import Group

from failure_lessons.accounts.models import User
from literature.extracting.services import keep_paper
from literature.models import LiteratureReview, StudyPaper
from literature.screening.services import cast_vote
from literature.study_papers import CHARACTERISTICS
from tests.browser.faults import find_faults
from tests.browser.guide_steps import GuideSteps
from tests.browser.test_judging import opened
from tests.examples import is_trial

pytestmark = pytest.mark.usefixtures("committed")
RIS = """TY  - JOUR
TI  - {title}
AU  - Grant, A.
PY  - 2016
AB  - Stripes were counted.
ER  -
"""
TITLES = ("Inspection of failing prisons", "Zebras at large", "Warnings in schools")


@pytest.fixture
def two(site):
    """Two researchers."""
    mark = uuid.uuid4().hex[:8]
    made = []
    for name in ("ann", "ben"):
        person = User.objects.create_user(f"{name}-{mark}", password="a long enough phrase", is_staff=True)
        person.groups.set(Group.objects.filter(name="researcher"))
        made.append(person)
    yield made, mark
    User.objects.filter(pk__in=[each.pk for each in made]).update(is_active=False)


def step(page, name):
    """Go to a page of the desk by the row of links above each of them."""
    page.locator("nav.steps").get_by_role("link", name=name, exact=True).click()
    page.wait_for_load_state()


def press_button(page, name, **options):
    page.get_by_role("button", name=name, **options).first.click()
    page.wait_for_load_state()


def rate(page):
    """A rating with the same level for each component, and a reason."""
    for group in page.get_by_role("radiogroup").all():
        group.get_by_role("radio").nth(1).check()
    for box in page.locator("fieldset.component textarea").all():
        box.fill("As both read it.")


def vote_as(person, review, keys, stage="title-abstract"):
    """What the second person decides of each record, in the order of the first, where both have the same page before them:
    in long trials there, else by what the page calls."""
    first = review.votes.filter(stage=stage).exclude(screener=person).order_by("pk")
    for vote, key in zip(first, keys, strict=True):
        decision, reason = ("include", "") if key == "i" else ("exclude", "Not about warnings.")
        cast_vote(review=review, reference=vote.reference, stage=stage, decision=decision, reason=reason, by=person)


def read_as(person, review, sample):
    """What the second person reads out of both studies, as `vote_as` votes."""
    for paper in StudyPaper.objects.filter(review=review).exclude(person=person):
        answers = dict(paper.values)
        if answers["setting"] == {"choices": ["Prison"]}:
            answers["sample"] = {"number": int(sample.replace(",", ""))}
        keep_paper(
            review=review, reference=paper.reference, about=CHARACTERISTICS, answers=answers, done=True, by=person
        )


def often_looked_at(page, where):
    """What is wrong with a page that test_judging.py looks at too, with everything on it opened: here in long trials."""
    return find_faults(page, where=where) if is_trial() else []


def test_two_people_take_a_review_from_the_search_to_the_profile(site, browser, two):
    (ann_person, ben_person), mark = two
    contexts = [opened(browser, site, each) for each in (ann_person, ben_person)]
    ann, ben = (context.new_page() for context in contexts)
    found, number = [], int(mark[:6], 16)
    guide = GuideSteps("A review, from the search to the evidence profile")
    try:
        guide.begin("The question")
        ann.goto(f"{site}/admin/literature/literaturereview/add/")
        ann.fill("#id_title", f"Warnings {mark}")
        ann.fill("#id_slug", f"warnings-{mark}")
        ann.fill("#id_question", "When are warnings heard?")
        ann.select_option("#id_review_type", index=1)
        ann.select_option("#id_sector", index=1)
        ann.locator("[name=_continue]").first.click()
        ann.wait_for_url("**/change/")
        form = ann.url
        ann.click("#searches-group .add-row a")
        ann.fill("#id_searches-0-source", "A database")
        ann.fill("#id_searches-0-query", "warning AND failure")
        ann.fill("#id_searches-0-date_run", "2026-11-20")
        ann.fill("#id_searches-0-records_found", "3")
        for row, (decision, text) in enumerate([("include", "About warnings."), ("exclude", "Not about warnings.")]):
            ann.click("#eligibility_criteria-group .add-row a")
            ann.select_option(f"#id_eligibility_criteria-{row}-decision", decision)
            ann.fill(f"#id_eligibility_criteria-{row}-text", text)
        ann.locator("[name=_continue]").first.click()
        ann.wait_for_load_state()
        review = LiteratureReview.objects.get(pk=int(form.split("/")[-3]))
        assert (review.searches.count(), review.eligibility_criteria.count()) == (1, 2)

        guide.begin("What the search found")
        ann.goto(f"{site}/admin/literature/reference/")
        ann.get_by_role("link", name="Import references").first.click()
        ann.fill("#id_text", "\n".join(RIS.format(title=f"{title} {mark}") for title in TITLES))
        press_button(ann, "Look at the references")
        press_button(ann, "Import", exact=True)
        ann.goto(form)
        ann.get_by_role("link", name="Desk", exact=True).click()
        ann.wait_for_load_state()
        if not ann.locator("#id_imported").is_visible():
            ann.get_by_text("Add records to screen").click()
        ann.select_option("#id_imported", index=1)
        ann.select_option("#id_search", index=1)
        press_button(ann, "Add to screening")
        assert "3 records now wait" in ann.inner_text("body")
        assert "3 not yet screened" in " ".join(ann.inner_text("body").split())

        guide.begin("Titles and abstracts")
        for page, keys in ((ann, ("i", "e1", "i")), (ben, ("i", "e1", "e1"))):
            page.goto(form.replace("/change/", "/desk/"))
            if page is ben and not is_trial():
                vote_as(ben_person, review, keys)
                continue
            step(page, "Screening")
            found += often_looked_at(page, where="screening") if page is ann else []
            for key in keys:
                before = page.locator("#record-title").inner_text()
                for each in key:
                    page.keyboard.press(each)
                page.wait_for_function(
                    "was => document.getElementById('record-title')?.textContent !== was", arg=before
                )
                page.wait_for_load_state()
        guide.begin("Conflicts")
        step(ben, "Conflicts and agreement")
        ben.locator("textarea[name=reason]").first.fill("It has a chapter on them.")
        press_button(ben, "Include", exact=True)
        step(ann, "Conflicts and agreement")
        press_button(ann, "Confirm")
        step(ann, "Records")
        assert "Excluded" in ann.inner_text("#standing")
        found += often_looked_at(ann, where="records")

        guide.begin("Full texts")
        for page in (ann, ben):
            if page is ben and not is_trial():
                vote_as(ben_person, review, ("i", "i"), "full-text")
                continue
            step(page, "Screening")
            page.get_by_role("link", name="Full text", exact=True).click()
            page.wait_for_load_state()
            for _ in range(2):
                page.locator("[data-does=include]").click()
                page.wait_for_load_state()
            assert "Nothing waits for you at this stage" in page.inner_text("body")

        guide.begin("The extraction form")
        step(ann, "Data extraction")
        ann.get_by_role("link", name="Make the extraction form").click()
        ann.fill("#label-0", "Setting")
        ann.fill("#choices-0", "Prison\nSchool")
        ann.locator("[name=required]").first.check()
        ann.fill("#label-1", "Sample")
        ann.select_option("#kind-1", "number")
        ann.fill("#unit-1", "people")
        ann.fill("#label-2", "Main point")
        ann.select_option("#kind-2", "quoted")
        found += often_looked_at(ann, where="extraction form")
        press_button(ann, "Save the form")

        guide.begin("Read the studies")
        for page, sample in ((ann, "1,250"), (ben, "1,205")):
            by_pages = page is ann or is_trial()
            if not by_pages:
                read_as(ben_person, review, sample)
            page.goto(form.replace("/change/", "/extract/"))
            if by_pages:
                page.get_by_role("link", name="Read the next study").click()
            for place in range(2 if by_pages else 0):
                page.get_by_role("radio", name="School" if place else "Prison").check()
                page.fill("#number-sample", "20" if place else sample)
                page.fill("#quotation-main-point", "Nobody had read the warnings")
                page.fill("#locator-main-point", "p. 4")
                found += often_looked_at(page, where="own paper") if page is ann and not place else []
                press_button(page, "Done, next study")
            assert "2 of 2 done by you" in " ".join(page.inner_text("body").split())

        guide.begin("Agree")
        assert "1 agreed" in " ".join(ben.inner_text(".progress-of").split())
        ben.get_by_role("link", name="Compare and agree").click()
        assert "1 difference" in ben.inner_text("body")
        found += often_looked_at(ben, where="two papers")
        ben.locator("input[name=take-sample][value=one]").check()
        press_button(ben, "Propose this")
        ann.reload()
        ann.get_by_role("link", name="A proposal waits").click()
        press_button(ann, "Confirm what")
        assert "2 agreed" in " ".join(ann.inner_text(".progress-of").split())

        guide.begin("Appraise")
        for page in (ann, ben):
            step(page, "Appraisal")
            for place in range(2):
                page.locator("table.decide tbody tr").nth(place).get_by_role("link").first.click()
                page.get_by_role("radio", name="High").check()
                press_button(page, "Save", exact=True)
        assert ben.inner_text("table.decide").count("High") == 2
        found += often_looked_at(ben, where="appraisals")

        guide.begin("Findings")
        ann.goto(form)
        ann.click("#findings-group .add-row a")
        ann.fill("#id_findings-0-code", f"W{number}-F1")
        ann.fill("#id_findings-0-statement", "Warnings are heard late.")
        ann.select_option("#id_findings-0-phase", index=1)
        key = review.characteristics.first().reference.slug
        ann.fill("#id_findings-0-sources", f"{key} | p. 4")
        ann.locator("[name=_continue]").first.click()
        ann.wait_for_load_state()
        assert review.findings.count() == 1

        guide.begin("Confidence")
        for page in (ann, ben):
            page.goto(form.replace("/change/", "/profile/"))
            page.locator("main, #content").get_by_role("link", name="Rate", exact=False).last.click()
            rate(page)
            page.locator(".submit-row button").first.click()
            page.wait_for_load_state()
        rate(ben)
        press_button(ben, "Propose", exact=True)
        ann.goto(ben.url)
        press_button(ann, "Confirm as agreed")

        guide.begin("The profile")
        ann.goto(form.replace("/change/", "/profile/"))
        assert "Warnings are heard late." in ann.inner_text(".as-read")
        ann.goto(form)
        ann.get_by_role("link", name="Preview").first.click()
        ann.wait_for_url("**/preview/**")
        table = " ".join(ann.locator("table.characteristics").inner_text().split())
        assert "1,250 people" in table
        assert "Nobody had read the warnings" in table
        found += find_faults(ann, where="preview", widths=(1280, 390))
        guide.conclude()
    finally:
        for context in contexts:
            context.close()
    assert not found
