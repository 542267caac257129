"""Each kind of mistake in a package gets a helpful word, and nothing is loaded."""

import json
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator

from casestudies.models import CaseStudy
from failure_lessons.packages.schema import package_schema
from failure_lessons.packages.validation import InvalidPackage, read_checked
from failure_lessons.publishing.models import LedgerEntry
from tests.conftest import EVIDENCE

WRITTEN = Path(__file__).resolve().parents[2] / "failure_lessons" / "packages" / "schemas" / "evidence-package-1.json"


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped package, to spoil."""
    shutil.copytree(EVIDENCE, tmp_path / "package")
    return tmp_path / "package"


def spoil(folder, name, change):
    path = folder / name
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def problems(folder):
    with pytest.raises(InvalidPackage) as refusal:
        read_checked(folder)
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.slow
def test_the_shipped_package_has_no_problem():
    assert len(read_checked(EVIDENCE)["references"]) == 466


@pytest.mark.slow
def test_the_published_schema_is_fresh_and_sound():
    Draft202012Validator.check_schema(package_schema())
    assert json.loads(WRITTEN.read_text()) == package_schema(), "run `make generate`"


CASE = "case-studies/hmp-birmingham.json"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (CASE, lambda c: c.update(sector="Criminal Justice"), "Did you mean “criminal-justice”?"),
        (CASE, lambda c: c["events"][0].update(date="20/08/2018"), "is not an EDTF date: write 2018-08-20"),
        (CASE, lambda c: c["events"][0].update(date="2018-02-30"), "is not an EDTF date"),
        (CASE, lambda c: c["events"][0]["sources"][0].update(ref="cdi-20166"), "There is no reference “cdi-20166”."),
        (CASE, lambda c: c["events"][0].update(titel="x"), "There is no field “titel”. Did you mean “title”?"),
        (CASE, lambda c: c.pop("title"), "The field “title” is missing."),
        (CASE, lambda c: c["findings"][0].update(themes=["workforse"]), "Did you mean “workforce”?"),
        (CASE, lambda c: c["findings"][0].update(statement=""), "is empty; it needs a value."),
        (CASE, lambda c: c["findings"][0].update(sources=[]), "is empty; it needs a value."),
        (CASE, lambda c: c["findings"][1].update(code=c["findings"][0]["code"]), "stands there 2 times"),
        (CASE, lambda c: c["indicators"][0]["values"][0].update(value="75"), "should be of type number"),
        (CASE, lambda c: c.update(context="See [ref: nowhere-1999]."), "There is no reference “nowhere-1999”."),
        (CASE, lambda c: c["quotes"][0].update(text="word " * 41), "has 41 words; a quotation has at most 40"),
        (CASE, lambda c: c["organisations"][0].update(slug="ofsted"), "is described otherwise in another case"),
        (CASE, lambda c: c["indicators"][0]["values"][0].update(comparator=7), "does not say what it is compared with"),
        (CASE, lambda c: c.update(slug="other"), "a file is named after its slug"),
        ("lessons.json", lambda c: c[0]["evidence"][0].update(finding="E9-F9"), "There is no finding “E9-F9”."),
        ("lessons.json", lambda c: c[0]["cerqual"].pop("coherence"), "The field “coherence” is missing."),
        ("lessons.json", lambda c: c[0]["cerqual"]["coherence"].update(reason=""), "is empty; it needs a value."),
        ("recommendations.json", lambda c: c[0].update(lessons=["LS99"]), "There is no lesson “LS99”."),
        ("recommendations.json", lambda c: c[0]["relations"][0].update(to="R1"), "R1 cannot relate to itself."),
        (
            "recommendations.json",
            lambda c: c[1].update(relations=[{"type": "overlaps", "to": "R1"}]),
            "is stated already",
        ),
        ("recommendations.json", lambda c: c[0].update(strength="very"), "is not a known code. Use one of: strong"),
        (
            "comparison.json",
            lambda c: c["cases"][0]["values"]["early_escalation"].update(score=0.5),
            "0.5 is not one of the anchors",
        ),
        ("references.json", lambda c: c[0].update(id="Acc 2021"), "is not written as it should be"),
        ("references.json", lambda c: c[0].update(DOII="x"), "Did you mean “DOI”?"),
        ("package.json", lambda c: c.update(version=2), "1 was expected"),
    ],
)
def test_a_mistake_is_told(name, change, said, folder):
    spoil(folder, name, change)
    found = problems(folder)
    assert any(said in problem for problem in found), found[:5]
    assert found[0].startswith(name) or "case-studies" in found[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": 1,}', "line 1, column"),
        ("[]".encode("utf-16"), "perhaps UTF-16"),
        ('[{"slug": "é"}]'.encode("latin-1"), "perhaps Latin-1"),
        (b'[{"slug": "a", "slug": "b"}]', "stands twice in one object"),
        (b"[NaN]", "NaN is not a JSON number"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'[{"slug": "\\u0000"}]', "holds a NUL character"),
        (b"{}", "it should hold a list"),
    ],
)
def test_a_file_that_is_no_json_is_told(content, said, folder):
    (folder / "glossary.json").write_bytes(content)
    assert any(said in problem for problem in problems(folder)), problems(folder)[:3]


@pytest.mark.slow
def test_links_and_strangers_are_refused(folder, tmp_path):
    (folder / "lesons.json").write_text("[]")
    (folder / "glossary.json").unlink()
    (folder / "glossary.json").symlink_to(tmp_path / "elsewhere.json")
    found = problems(folder)
    assert any("Did you mean lessons.json?" in problem for problem in found)
    assert any("is a link" in problem for problem in found)


@pytest.mark.slow
def test_every_problem_is_told_at_once(folder):
    spoil(folder, CASE, lambda c: c.update(sector="x"))
    spoil(folder, "lessons.json", lambda c: c[0].update(phase="x"))
    spoil(folder, "references.json", lambda c: c[3].update(type="x"))
    assert len(problems(folder)) == 3


@pytest.mark.slow
def test_a_part_may_rest_on_what_is_here_already(folder):
    for path in folder.iterdir():
        if path.name not in ("package.json", "lessons.json"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert any("There is no finding" in problem for problem in problems(folder))
    shipped = read_checked(EVIDENCE)
    codes = {
        finding["code"]
        for name in ("case-studies", "literature-reviews")
        for each in shipped[name]
        for finding in each["findings"]
    }
    slugs = {name: {entry[key] for entry in shipped[name]} for name, key in (("themes", "slug"), ("references", "id"))}
    known = {"finding": codes, "theme": slugs["themes"], "reference": slugs["references"]}
    assert len(read_checked(folder, known)["lessons"]) == 12


@pytest.mark.slow
@pytest.mark.django_db
def test_nothing_is_loaded_from_a_package_with_a_problem(folder):
    spoil(folder, CASE, lambda c: c.update(title="Changed"))
    spoil(folder, "lessons.json", lambda c: c[0].update(phase="x"))
    revisions = LedgerEntry.objects.count()
    with pytest.raises(CommandError, match=r"Nothing was loaded: 1 problem\(s\)"):
        call_command("load_evidence", str(folder), publish=True, verbosity=0)
    assert LedgerEntry.objects.count() == revisions
    assert CaseStudy.objects.get(slug="hmp-birmingham").title != "Changed"


def test_a_folder_that_is_no_package_is_told(tmp_path):
    assert "is not an evidence package" in problems(tmp_path)[0]
