"""Parts of pages that are written once and kept by all that they are made of.

So nothing kept can be out of date: whoever asks for a part names everything it shows. Parts are kept for readers whose
links take nothing along (no brief, no moment of the past); for others they are written each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from django.http import HttpRequest


def takes_nothing_along(request: HttpRequest | None) -> bool:
    """Whether the links of this reader's pages are those of everybody's."""
    return not (getattr(request, "as_of", None) or getattr(request, "brief", None))


class FragmentCache:
    """The parts that were written last, at most so many. For threads to share."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.texts: OrderedDict[Hashable, str] = OrderedDict()

    def read(self, key: Hashable, write: Callable[[], str]) -> str:
        """The part with this key, as it was written before or as it is written now."""
        text = self.texts.get(key)
        if text is None:
            self.texts[key] = text = write()
            while len(self.texts) > self.most:
                try:
                    self.texts.popitem(last=False)
                except KeyError:  # another thread was quicker
                    break
        return text
