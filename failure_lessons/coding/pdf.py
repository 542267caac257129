"""The text of a PDF, page by page: a program of its own, which takes the PDF and answers in JSON.

It runs apart from the site with a limit on time and memory, because a PDF made for harm can ask for any amount of both.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys

from pypdf import PdfReader

MOST_MEMORY = 1_500_000_000  # bytes
MOST_SECONDS = 50
MOST_PAGES = 3_000


def read_pdf(data: bytes) -> dict[str, object]:
    """`pages` and `labels`, or the reason why not in `refused`."""
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        return {"refused": "The PDF is locked (encrypted): save it without a password and attach that."}
    if len(reader.pages) > MOST_PAGES:
        return {"refused": f"The PDF has more than {MOST_PAGES:,} pages: attach it in parts."}
    pages = [page.extract_text() for page in reader.pages]
    try:
        labels = [str(label) for label in reader.page_labels]
    except Exception:  # a faulty list of labels is no reason to lose the text
        labels = []
    return {"pages": pages, "labels": labels if len(labels) == len(pages) else []}


def main() -> None:
    """Read, answer; whatever goes wrong, the caller says that the PDF is damaged."""
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    try:
        found = read_pdf(sys.stdin.buffer.read())
    except Exception:  # of whatever kind: the file is from outside
        found = {}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
