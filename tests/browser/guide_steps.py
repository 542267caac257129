"""The numbered steps of the guide for researchers, so that a test walks just those, in their order."""

import re

from failure_lessons.workbench.guide import GUIDE_FILE


class GuideSteps:
    """The steps under a heading. A test says which one it begins; what the guide does not say fails, what it says and
    nobody does too."""

    def __init__(self, heading):
        text = GUIDE_FILE.read_text(encoding="utf-8")
        section = re.search(rf"^#+ {re.escape(heading)}$(.*?)(?=^#)", text, re.MULTILINE | re.DOTALL)[1]
        found = re.findall(r"^(\d+)\. \*\*(.+?)\*\*", section, re.MULTILINE)
        assert [int(number) for number, _ in found] == list(range(1, len(found) + 1))
        self.left = [name.rstrip(".") for _, name in found]
        assert self.left, heading

    def begin(self, name):
        assert self.left[:1] == [name], f"the guide goes on with {self.left[:1]}, the test with {name}"
        del self.left[0]

    def conclude(self):
        assert not self.left, f"the guide says more: {self.left}"
