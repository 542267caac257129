"""Every public page as the checker of the W3C (vnu) sees it: no error, no warning."""

import os
import re
import shutil
import subprocess

import pytest

JAR = os.environ.get("VNU_JAR", "")


@pytest.mark.trials
@pytest.mark.skipif(
    not (JAR and shutil.which("java")), reason="needs Java, and VNU_JAR: the path of vnu.jar (npm: vnu-jar)"
)
def test_vnu_finds_nothing_on_any_page(crawl, tmp_path):
    pages = {}
    for number, page in enumerate(crawl.pages):
        pages[f"{number}.html"] = page.address
        (tmp_path / f"{number}.html").write_bytes(page.body)
    done = subprocess.run(
        ["java", "-Xss4m", "-jar", JAR, "--format", "gnu", "--stdout", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [
        re.sub(r"^\S*/(\d+\.html)", lambda found: pages[found[1]], line.lstrip('"'))
        for line in done.stdout.splitlines()
    ]
    assert told == []
    assert done.stderr == ""
    assert len(pages) > 300
