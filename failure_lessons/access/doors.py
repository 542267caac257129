"""Which public addresses give data to programs: the API, harvesting, feeds, downloads and the files beside pages.

What is promised to programs holds at all of them: quotas, tokens, and reading from pages of other sites. People's pages
stand outside: an office of a thousand readers behind one address shall not run out of quota by reading.
"""

from __future__ import annotations

import re

API = "/api/"
DATA_DOORS = re.compile(
    r"/(?:api/|oai$|downloads/(?:latest|r\d+)/|\.well-known/|llms\.txt$|sitemap"
    r"|(?!admin/|preview/|static/|brief/)(?:[^/]+/)+[a-z0-9-]+\.[a-z.]+$)"
)


def is_data_door(path: str) -> bool:
    """Whether programs read at this address."""
    return DATA_DOORS.match(path) is not None
