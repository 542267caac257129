"""Nobody gets in where docs/roles.md does not say so: every address, every role, to see and to change."""

import os
import re

import pytest

from tests.recommendations.consultations.test_taking_part import nobody_tried_before as nobody_tried_before
from tests.role_matrix import (
    BEGIN,
    DOCUMENT,
    END,
    World,
    describe_route,
    draw_table,
    patterns_behind_doors,
    walk_doors,
)

pytestmark = pytest.mark.django_db
WRITE = "WRITE_ROLES"  # make roles


def test_every_address_behind_a_door_stands_in_the_table():
    """Quickly, without asking: an address, or a table in the workbench, that nobody has written down yet is noticed."""
    text = DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0]
    known = {}
    for what, of in re.findall(r"^\| `([^`]+)`(?:: ([^|]+))? \|", text, re.MULTILINE):
        shape = re.sub(r"/(verb|do)/[\w-]+/", r"/\1/…/", what)
        known.setdefault(shape, set()).update((of or "").split(", "))
    missing = []
    for _, route in patterns_behind_doors():
        shape, of = describe_route(route)
        if of not in known.get(shape, ()) and not (shape in known and not of):
            missing.append((route, of))
    assert missing == [], "somebody added an address: `make roles`, and look at who gets in"
    assert len(known) > 100


@pytest.mark.trials
@pytest.mark.timeout(1800)
def test_the_table_by_address_says_who_gets_in():
    found = walk_doors(World())
    table = draw_table(found)
    text = DOCUMENT.read_text()
    start, _, rest = text.partition(BEGIN)
    before, _, end = rest.partition(END)
    if os.environ.get(WRITE):
        DOCUMENT.write_text(f"{start}{BEGIN}\n\n{table}\n\n{END}{end}")
    assert before.strip() == table, (
        "somebody gets in who did not, or is kept out: read the difference, then `make roles`"
    )
