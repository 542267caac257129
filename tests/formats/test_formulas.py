"""No CSV that leaves the site holds a cell that a spreadsheet takes for a formula, whatever people call things."""

import csv
import io
import unicodedata
import zipfile

import pytest

from casestudies.models import Involvement, Organisation
from failure_lessons.accounts.models import User
from failure_lessons.downloads.build import make_csv
from failure_lessons.files.cells import open_csv
from failure_lessons.publishing.services import publish_record, submit_record
from tests import factories
from tests.addresses import EXAMPLES, every_example
from tests.recommendations.consultations.world import announced_round

HOSTILE = (
    "=1+1",
    " =1+1",
    "＝1+1",
    "\u200b=1+1",
    "\ufeff\u2060=1+1",
    "@x",
    "＠x",
    "-2+3",
    "+1+1",
    "\t=1+1",
    '=HYPERLINK("https://evil.example","x")',
)


def is_formula(cell):
    """Whether a spreadsheet may take it for one: judged without the guard's own rule."""
    plain = unicodedata.normalize("NFKC", cell)
    while plain and (plain[0].isspace() or unicodedata.category(plain[0]) in ("Cf", "Cc", "Zs")):
        plain = plain[1:]
    return plain[:1] in ("=", "+", "-", "@") and not plain.removeprefix("-").replace(".", "", 1).isdigit()


def cells_of(text):
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


def publish(record):
    author, _ = User.objects.get_or_create(username="author-of-formulas")
    publisher, _ = User.objects.get_or_create(username="publisher-of-formulas")
    submit_record(record=record, by=author)
    publish_record(record=record, by=publisher, note="=1+1")


def publish_hostile_names():
    """Every name as that of a theme, an organisation, a reference, a case and a finding, all published."""
    for number, name in enumerate(HOSTILE):
        theme = factories.theme(label=name)
        publish(theme)
        body = Organisation.objects.create(slug=f"body-{number}", name=name, type=name)
        publish(body)
        case = factories.case(title=name)
        Involvement.objects.create(case=case, organisation=body)
        finding = case.findings.get()
        finding.statement = name
        finding.save()
        finding.themes.add(theme)
        publish(case)


def test_the_judge_knows_formulas():
    assert all(is_formula(name) for name in HOSTILE)
    assert not any(is_formula(cell) for cell in ("", "a=1", "-2", "-2.5", "'=1+1", "2026-11-25"))


def test_a_table_guards_every_cell_and_leaves_the_rest():
    out = io.StringIO()
    open_csv(out).writerow([*HOSTILE, "plain, text", -2, "-2", None, 0.5])
    cells = cells_of(out.getvalue())
    assert cells == [*(f"'{name}" for name in HOSTILE), "plain, text", "-2", "-2", "", "0.5"]


@pytest.mark.slow
@pytest.mark.django_db
def test_no_csv_that_leaves_the_site_holds_a_formula(client, tmp_path):
    publish_hostile_names()
    announced_round(title=HOSTILE[0])
    found, faults = {}, []
    for name in EXAMPLES:
        if name in ("download", "download-newest"):  # files that were built: below
            continue
        for address in every_example(name):
            if "csv" not in address:  # the next test sees to it that no other answer is one
                continue
            answer = client.get(address)
            if answer.get("Content-Type", "").startswith("text/csv"):
                text = answer.getvalue().decode("utf-8-sig")
                found.setdefault(name, []).append(text)
                faults += [f"{address}: {cell!r}" for cell in cells_of(text) if is_formula(cell)]
    make_csv(tmp_path / "csv.zip", "https://lessons.example.org", 1)
    with zipfile.ZipFile(tmp_path / "csv.zip") as archive:
        for member in archive.namelist():
            text = archive.read(member).decode("utf-8-sig")
            faults += [f"{member}: {cell!r}" for cell in cells_of(text) if is_formula(cell)]
    assert not faults, "\n".join(faults[:20])
    assert {"export", "evidence-map-csv", "comparison-data", "comparison-data-edition", "api-theme-list"} <= set(found)
    assert {"api-theme", "api-theme-edition", "api-edition-by-hash"} <= set(found)
    for name in ("export", "evidence-map-csv", "api-theme-list"):  # the names did come, behind an apostrophe
        cells = {cell for text in found[name] for cell in cells_of(text)}
        assert {f"'{each}" for each in HOSTILE if each.strip() == each} <= cells, name


def test_whatever_is_csv_says_so_in_its_address(crawl):
    tables = [each.address for each in crawl.answers.values() if each.headers.get("Content-Type", "")[:8] == "text/csv"]
    assert len(tables) > 50
    assert [address for address in tables if "csv" not in address] == []
