"""Static files below the prefix under which the site runs.

Django adds that prefix to a relative `STATIC_URL` when the setting is first read, which is before any request has told
it. So it is added when an address is written.
"""

from __future__ import annotations

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from failure_lessons.publishing.addresses import add_prefix


class PrefixedStaticFiles(StaticFilesStorage):
    """The files as they are, while one develops."""

    def url(self, name: str | None) -> str:
        return add_prefix(super().url(name))


class PrefixedManifestFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Compressed files, a hash of each in its name."""

    def url(self, name: str | None, force: bool = False) -> str:
        return add_prefix(super().url(name, force))
