"""A repository of one's own: its name, service, colours, sectors and pictures by setting, and nothing left of ours."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.local.identity import (
    LEAST_CONTRAST,
    NIGHT_PAPER,
    SiteColours,
    find_faint_pairs,
    lighten_for_night,
    measure_contrast,
    read_identity,
    write_own_styles,
)
from failure_lessons.operations import checks
from failure_lessons.vocabularies.choices import make_choices
from tests.local.own_site import OURS
from tests.template_database import use_empty_database

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys, pathlib, django
django.setup()
from tests.local.own_site import tell_all
tell_all(pathlib.Path(sys.argv[1]))
"""
MARK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#7fd4ff"/></svg>'
SETTINGS = {
    "SITE_NAME": "Rail <Lessons> & “more”",
    "SITE_SERVICE": "the railway",
    "SITE_PURPOSE": "What the railway can learn from failure elsewhere.",
    "SITE_COLOURS": "#3a0a2e,#6b1f57,#ffd9a0",
    "SITE_SECTORS": "education=Schools,criminal-justice=Courts and prisons,health=Care,cross-sector=Several,transport=Transport",
    "SITE_NOTICE": "Read this as an exercise.",
    "CONTACT": "hello@rail.example",
    "CONTACT_EMAIL": "hello@rail.example",
    "REPOSITORY_DOMAIN": "rail.example",
}


def colours():
    """Any three."""
    return st.builds(SiteColours, *(st.integers(0, 0xFFFFFF).map("#{:06x}".format) for _ in range(3)))


@pytest.mark.trials
@pytest.mark.browser
def test_with_every_setting_changed_nothing_of_ours_is_left_anywhere(tmp_path, own_library, django_db_blocker):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "mark.svg").write_text(MARK)
    (tmp_path / "files" / "about.md").write_text("It grew out of **a seminar** at [Ely](https://ely.example/).")
    with django_db_blocker.unblock(), use_empty_database():
        found = connection.settings_dict
        url = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}"
        told = {
            "SITE_FILES": str(tmp_path / "files"),
            "DOWNLOADS_DIR": str(tmp_path / "downloads"),
            "DATABASE_URL": url,
        }
        told |= {"DJANGO_SETTINGS_MODULE": "failure_lessons.settings", "PYTHONPATH": str(ROOT), "DEBUG": "1"}
        told |= {"DEBUG_PAGES": "0", "QUOTA_ANONYMOUS": "900000000/60"}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            cwd=ROOT, env={**os.environ, **SETTINGS, **told}, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip  # a command and where it runs
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["editions"] > 500
    assert said["statuses"]["200"] > 400
    assert sum(said["statuses"].values()) - said["statuses"]["200"] < 40, said["statuses"]
    assert said["broken"] == []
    assert said["found"] == {}, json.dumps(said["found"], indent=1)
    assert said["faults"] == []
    assert said["shown"] == "rgb(58, 10, 46)"
    assert said["sectors"][1:] == ["Schools", "Courts and prisons", "Care", "Several", "Transport"]
    assert len(said["mails"]) == 2
    assert all("Rail <Lessons>" in each for each in said["mails"])
    assert not [each for each in said["mails"] if OURS.search(each)]


def test_nothing_set_is_the_repository_as_it_is_shipped():
    site = read_identity({})
    assert (site.name, site.service, site.colours, site.files) == ("Failure Lessons", "the NHS", None, "")
    assert write_own_styles(site) == ""


@pytest.mark.parametrize(
    ("setting", "value", "word"),
    [
        ("SITE_NAME", "x" * 61, "SITE_NAME"),
        ("SITE_NAME", "two\nlines", "one line"),
        ("SITE_COLOURS", "red,green,blue", "three colours"),
        ("SITE_COLOURS", "#000000,#111111", "three colours"),
        ("SITE_SECTORS", "Transport", "transport=Transport"),
        ("SITE_SECTORS", "transport=", "a label"),
        ("SITE_SECTORS", "a=One,a=Two", "twice"),
        ("SITE_SECTORS", "a=One,b=one", "twice"),
        ("SITE_SECTORS", "a-code-of-more-than-20=One", "at most 20"),
        ("SITE_FILES", "/nowhere/at/all", "no folder"),
    ],
)
def test_what_is_written_wrong_is_refused_with_the_way_to_write_it(setting, value, word):
    with pytest.raises(ValueError, match=word):
        read_identity({setting: value})


def test_colours_that_cannot_be_read_stop_the_site_at_its_start_with_a_remedy():
    assert find_faint_pairs(SiteColours("#0a3a37", "#0b574f", "#f5b63a")) == []
    faint = SiteColours("#99cccc", "#f0f0f0", "#222222")
    with override_settings(SITE=read_identity({})._replace(colours=faint)):
        found = [each for each in run_checks() if each.id == "operations.E005"]
        assert len(found) == 5
        assert "a darker one" in found[0].msg
        assert "a lighter one" in found[-1].msg
        assert "SITE_COLOURS" in found[0].hint
    assert checks.check_colours() == []


@given(colours())
def test_whatever_passes_the_check_can_be_read_by_day_and_by_night(chosen):
    if find_faint_pairs(chosen):
        return
    assert measure_contrast(chosen.brand, "#ffffff") >= LEAST_CONTRAST
    assert measure_contrast(lighten_for_night(chosen.brand), NIGHT_PAPER) >= LEAST_CONTRAST


def test_contrast_is_that_of_wcag():
    assert measure_contrast("#000000", "#ffffff") == 21
    assert round(measure_contrast("#777777", "#ffffff"), 2) == 4.48  # the best known grey that just fails


def test_a_name_cannot_leave_its_place_in_the_style_sheet():
    styles = write_own_styles(read_identity({"SITE_NAME": '"; } body { display: none } \\'}))
    assert styles.count('"') == 2
    assert "\\22 " in styles
    assert "\\5c " in styles


def test_a_vocabulary_made_of_a_setting_is_like_a_written_one():
    made = make_choices("Sector", "What it is.", [("water-supply", "Water supply")])
    assert made.choices == [("water-supply", "Water supply")]
    assert made("water-supply").label == "Water supply"
    assert made.__doc__ == "What it is."
