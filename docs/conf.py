"""How `make docs` makes pages of these documents: nothing is fetched from elsewhere, and no link leads nowhere."""

import re

project = "Failure Lessons"
language = "en-gb"
extensions = ["myst_parser"]
myst_heading_anchors = 4  # links such as people.md#a-forgotten-password
myst_links_external_new_tab = False
suppress_warnings = ["myst.strikethrough", "misc.highlighting_failure"]
exclude_patterns = ["openapi.json"]
html_theme = "alabaster"  # Sphinx's own: no font and no script of others
html_theme_options = {"description": "How it works, is used and is run", "show_powered_by": False}
html_title = "Failure Lessons: documents"
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False


def name_addresses(app, document, source):  # type: ignore[no-untyped-def]  # Sphinx stands in another environment
    """An address of the site, as the guide to the API links it, is a word here: the documents stand beside no site."""
    source[0] = re.sub(r"\[([^\]]+)\]\((/[^)]*)\)", r"\1 (`\2`)", source[0])


def setup(app):  # type: ignore[no-untyped-def]  # the same
    """Sphinx calls this."""
    app.connect("source-read", name_addresses)
