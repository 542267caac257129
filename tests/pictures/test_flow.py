"""The PRISMA flow: the boxes of the picture are the rows of the table, and add up."""

import itertools

from failure_lessons.charts.flow import draw_flow
from literature.prisma import compute_prisma_flow as computed

SEARCHES = [{"records_found": 8}, {"records_found": 5}]
SCREENING = [
    {"ref": "a", "stage": "title-abstract", "decision": "include", "reason": "Fits"},
    {"ref": "a", "stage": "full-text", "decision": "exclude", "reason": "Opinion"},
    {"ref": "b", "stage": "title-abstract", "decision": "include", "reason": "Fits"},
    {"ref": "b", "stage": "full-text", "decision": "include", "reason": "Fits"},
    {"ref": "c", "stage": "title-abstract", "decision": "exclude", "reason": "Elsewhere"},
    {"ref": "d", "stage": "title-abstract", "decision": "include", "reason": "Summary only"},
]


def test_every_number_of_the_flow_is_in_its_box():
    picture = draw_flow(computed(SEARCHES, SCREENING))
    assert [step.number for step in picture.steps] == [13, 9, 4, 1, 2, 1, 2, 1]
    for box in picture.boxes:
        assert box.lines[-1][1] == f"n = {box.step.number}"
        assert " ".join(text for _, text in box.lines[:-1]) == box.step.text
        assert all(box.y < y < box.y + box.height for y, _ in box.lines)
    assert len(picture.boxes) == len(picture.steps)


def test_what_leaves_the_flow_stands_aside_with_an_arrow_to_it():
    picture = draw_flow(computed(SEARCHES, SCREENING))
    aside = [box for box in picture.boxes if box.step.aside]
    assert len(picture.across) == len(aside)
    assert {round(y, 1) for y, _, _ in picture.across} == {round(box.middle, 1) for box in aside}
    assert len(picture.down) == 3
    assert [stage.label for stage in picture.stages] == ["Identification", "Screening", "Included"]


def test_boxes_do_not_overlap_and_stay_on_the_page():
    picture = draw_flow(computed(SEARCHES, SCREENING))
    main = [box for box in picture.boxes if not box.step.aside]
    assert all(one.y + one.height < two.y for one, two in itertools.pairwise(main))
    assert all(box.x + picture.box <= picture.width and box.y + box.height <= picture.height for box in picture.boxes)


def test_what_waits_stands_below_what_else_leaves_the_flow_and_overlaps_nothing():
    picture = draw_flow(computed(SEARCHES, SCREENING, {"records": 3, "reports": ["d"]}))
    aside = [box for box in picture.boxes if box.step.aside]
    told = [(box.step.text, box.step.number) for box in aside if "not yet" in box.step.text]
    assert told == [("Records not yet screened", 3), ("Reports not yet assessed", 1)]
    assert all(one.y + one.height < two.y for one, two in itertools.pairwise(aside))
    assert sorted(y for y, _, _ in picture.across) == [box.middle for box in aside]
    main = [box for box in picture.boxes if not box.step.aside]
    assert all(one.y + one.height < two.y for one, two in itertools.pairwise(main))
    assert picture.is_under_way


def test_an_empty_flow_is_all_noughts():
    picture = draw_flow({})
    assert {step.number for step in picture.steps} == {0}
    assert "Records found by 0 searches: 0" in picture.words
