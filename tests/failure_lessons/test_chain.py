"""The evidence chain: one value for the list and for the picture."""

import pytest

from failure_lessons.library.record_context import record_context
from failure_lessons.publishing.models import Edition
from recommendations.evidence_chain import build_chain
from tests.helpers import parse_page

pytestmark = pytest.mark.django_db


def chains():
    for edition in Edition.objects.current().of_kind("recommendation"):
        yield edition, build_chain(record_context(edition)["record"])


@pytest.mark.slow
def test_the_chain_holds_every_finding_of_every_lesson():
    for edition, found in chains():
        lessons = {e.code: e.content for e in Edition.objects.current().of_kind("lesson")}
        expected = [
            (item["finding"], item["relation"])
            for code in edition.content["lessons"]
            for item in lessons[code]["evidence"]
        ]
        assert sorted((each.code, each.relation) for each in found.bearings) == sorted(expected)
        assert found.counts["findings"] == len({code for code, _ in expected})
        assert found.counts["contradicts"] == len({code for code, way in expected if way == "contradicts"})
        assert found.counts["sources"] > 0


@pytest.mark.slow
def test_the_picture_shows_what_the_list_shows_and_says_it_in_words():
    for _, found in chains():
        picture = found.picture
        drawn = [box.text for box in picture.boxes if box.kind in ("supports", "qualifies", "contradicts")]
        assert drawn == [f"{each.sign} {each.code}" for each in found.bearings]
        assert len(picture.sources) == len(found.bearings)
        assert all(each.code in found.description for each in found.bearings)
        assert max(box.y for box in picture.boxes) + 11 <= picture.height
        assert min(box.left for box in picture.boxes) >= 0
        rows = [box.y for box in picture.sources]
        assert len(rows) == len(set(rows)), "no two findings stand on one line"


@pytest.mark.slow
def test_the_page_draws_the_chain_and_lists_it(client):
    for edition, found in chains():
        tree = parse_page(client.get(f"/recommendations/{edition.slug}/"))
        picture = next(element for element in tree.iter() if element.get("aria-describedby") == "chain-words")
        assert picture.get("role") == "group"
        led = {anchor.get("href").partition("?")[0] for anchor in picture.iter() if anchor.get("href")}
        assert {f"/findings/{each.code.lower()}/" for each in found.bearings} <= led
        assert {f"/lessons/{link.lesson['slug']}/" for link in found.links} <= led
        drawn = " ".join(text.text or "" for text in picture.iter() if str(text.tag).endswith("text"))
        listed = [
            "".join(element.itertext()).split(None, 1)[1]
            for element in tree.findall(".//details/summary/span")
            if element.get("class") == "sign"
        ]
        assert listed == [each.code for each in found.bearings]
        assert all(code in drawn for code in listed)


@pytest.mark.slow
def test_each_node_says_its_sentence_and_how_sure_we_are_and_cuts_no_name():
    for _, found in chains():
        boxes = {box.text: box for box in found.picture.boxes}
        for link in found.links:
            says = boxes[link.lesson["code"]].says
            assert link.lesson["statement"] in says
            assert f"Confidence: {link.lesson['cerqual']['overall']['level'].replace('-', ' ')}." in says
        for bearing, sources in zip(found.bearings, found.picture.sources, strict=True):
            assert bearing.record["statement"] in boxes[f"{bearing.sign} {bearing.code}"].says
            assert all(str(each["reference"]["short"]) in sources.says for each in bearing.sources)
            assert "…" not in sources.text


def test_a_chain_whose_lesson_was_withdrawn_is_still_drawn():
    gone = {"code": "LS1", "title": "Withdrawn", "statement": "Withdrawn: wrong.", "slug": "ls1", "evidence": ""}
    found = build_chain({"code": "R1", "lessons": [gone]})
    assert "no finding" in found.description
    assert {box.text for box in found.picture.boxes} == {"R1", "LS1"}
    assert build_chain({"code": "R1", "lessons": ""}).picture.boxes[0].text == "R1"
