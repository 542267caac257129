"""The media type that a request prefers, read as clients write `Accept`.

Parameters of a media type (`charset=utf-8`, `indent=4`, `profile="…"`) say how somebody would like it, and none of ours
come in more than one way: they are passed over, as most servers do. Only `q` counts. (Django's `get_preferred_type`
matches parameters, DRF's negotiation knows no `q`.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

# a media range and what follows it, up to the next comma outside quotation marks
MEDIA_RANGE = re.compile(r'\s*([^\s;,"]*)((?:"(?:\\.|[^"\\])*"|[^,"])*)(?:,|$)')
QUALITY = re.compile(r';\s*q\s*=\s*"?([\d.]+)"?\s*(?:;|$)', re.IGNORECASE)


@lru_cache(maxsize=256)
def parse_accept(header: str) -> dict[str, float]:
    """How much each media range in `Accept` is liked, from 0 to 1. A lone `*`, as old Java sends it, is `*/*`."""
    liked: dict[str, float] = {}
    for name, rest in MEDIA_RANGE.findall(header):
        media_range = "*/*" if name == "*" else name.lower()
        if media_range:
            quality = read_quality(rest)
            liked[media_range] = max(quality, liked.get(media_range, 0.0))
    return liked


def read_quality(rest: str) -> float:
    """The `q` among the parameters of a media range: 1 where there is none or it is no number."""
    found = QUALITY.search(rest)
    try:
        return min(1.0, float(found[1])) if found else 1.0
    except ValueError:
        return 1.0


def prefer_media_type(header: str, offered: Sequence[str]) -> str:
    """The offered media type that is liked best, or an empty text when none is.

    The most specific range that fits a type decides about it. Of types that are liked alike, one that is named goes
    before one that only fits, then the one offered first.
    """
    liked = parse_accept(header)
    best, best_rank = "", (0.0, -1)
    for media_type in offered:
        main = media_type.partition("/")[0]
        for specific, media_range in ((2, media_type), (1, f"{main}/*"), (0, "*/*")):
            if media_range in liked:
                rank = (liked[media_range], specific)
                if rank[0] > 0 and rank > best_rank:
                    best, best_rank = media_type, rank
                break
    return best
