"""The documents as pages: they need nothing from elsewhere, can be searched, and no link in them leads nowhere."""

import re

import pytest

from failure_lessons.local.docs import DOCUMENTS, build_docs
from failure_lessons.local.release import CannotRelease
from tests.browser.conftest import browser as browser  # a fixture

# what makes a browser fetch something, wherever it stands
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|audio|video|embed)\b[^>]*\bsrc\s*=\s*["']?(?:https?:)?//"""
    r"""|<link\b(?![^>]*rel="?(?:canonical|license))[^>]*\bhref\s*=\s*["']?(?:https?:)?//"""
    r"""|url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//""",
    re.IGNORECASE,
)

pytestmark = [
    pytest.mark.trials,
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("docs") / "out"
    build_docs(out)
    return out


def test_every_document_is_a_page_and_nothing_is_fetched_from_elsewhere(built):
    for path in DOCUMENTS.rglob("*.md"):
        assert (built / path.relative_to(DOCUMENTS)).with_suffix(".html").is_file(), path
    files = [path for path in built.rglob("*") if path.suffix in (".html", ".css", ".js")]
    assert len(files) > 60
    assert [
        (path.name, found[0]) for path in files if (found := FETCHED.search(path.read_text(encoding="utf-8")))
    ] == []
    assert FETCHED.search('<script src="//cdn.example/x.js">')


def test_a_browser_without_a_network_finds_words(built, browser):
    context = browser.new_context(offline=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{built}/search.html?q=PgBouncer")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").all_inner_texts()
    context.close()
    assert "Deploying" in found
    assert all(url.startswith("file://") for url in asked)


@pytest.mark.parametrize("broken", ["[there](nowhere.md)", "[there](deploy.md#never-was)", "![picture](lost.png)"])
def test_a_link_that_leads_nowhere_stops_it(tmp_path, broken):
    documents = tmp_path / "docs"
    documents.mkdir()
    (documents / "conf.py").write_text((DOCUMENTS / "conf.py").read_text())
    (documents / "deploy.md").write_text("# Deploying\n")
    (documents / "index.md").write_text(f"# All\n\n{broken}\n\n```{{toctree}}\ndeploy\n```\n")
    with pytest.raises(CannotRelease, match="WARNING"):
        build_docs(tmp_path / "out", documents)
