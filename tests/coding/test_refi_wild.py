"""Projects and codebooks as programs really write them: what comes in, and that the rest is listed."""

import re
from pathlib import Path

import pytest

from failure_lessons.coding.refi.reading import read_qda
from failure_lessons.files.archives import CannotOpen
from tests.coding import files

WILD = Path(__file__).parent / "wild"


def read_wild(name):
    return read_qda((WILD / name).read_bytes())


def quoted(project):
    return [source.text[each.start : each.end] for source in project.sources for each in source.selections]


def test_a_codebook_of_nvivo_for_mac_is_read():
    assert [code.name for code in read_wild("Q01-nvivo-mac.qdc").codes] == ["Whistleblowing"]


def test_a_path_within_the_project_needs_no_scheme():
    found = read_wild("Q03-bare-path.qdpx")
    assert quoted(found) == ["Nobody listened to us"]
    assert found.problems == []


def test_memos_cases_variables_and_sets_are_listed():
    found = read_wild("Q05-memos.qdpx")
    assert quoted(found) == ["Nobody listened to us"]
    assert [each.partition(":")[0] for each in found.problems] == [
        "“Interview 61” is coded as a whole",
        "1 memo (“Analytic memo”)",
        "1 case (“Teacher 1”)",
        "1 variable (“Role”)",
        "1 set (“School A”)",
    ]


def test_a_transcript_comes_in_with_its_codings():
    found = read_wild("Q08-transcript.qdpx")
    (source,) = found.sources
    assert source.name == "Interview recording: Transcript"
    assert quoted(found) == [source.text]
    assert len(source.selections[0].codings) == 1
    assert found.problems == [
        "“Interview recording” is an audio file: its transcript comes in, the rest is left out, for we keep texts."
    ]


def test_a_codebook_of_taguette_is_named():
    with pytest.raises(CannotOpen, match="codebook of Taguette"):
        read_wild("Q14-taguette.csv")


def test_a_project_may_be_zipped_with_its_folder():
    parts = {"p/project.qde": "", "p/sources/t.txt": "Nobody listened to us"}
    parts["p/project.qde"] = re.sub(
        r"\n *",
        "",
        """<Project name="T" xmlns="urn:QDA-XML:project:1.0"><CodeBook><Codes>
        <Code guid="00000000-0000-4000-8000-000000000001" name="W" isCodable="true"/></Codes></CodeBook><Sources>
        <TextSource guid="00000000-0000-4000-8000-000000000002" name="t" plainTextPath="internal://t.txt"/></Sources>
        </Project>""",
    )
    found = read_qda(files.archive(parts))
    assert [source.text for source in found.sources] == ["Nobody listened to us"]


@pytest.mark.parametrize("scheme", ["relative:///../t.txt", "absolute:///etc/passwd", "internal://../../t.txt"])
def test_a_text_outside_the_archive_is_never_opened(scheme):
    project = f"""<Project name="T" xmlns="urn:QDA-XML:project:1.0"><Sources><TextSource name="t"
        guid="00000000-0000-4000-8000-000000000002" plainTextPath="{scheme}"/></Sources></Project>"""
    found = read_qda(files.archive({"project.qde": project}))
    assert found.sources == []
    assert "not in the archive" in found.problems[0]
