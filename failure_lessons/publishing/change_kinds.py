"""What kind of change an edition is, as readers are told it."""

from __future__ import annotations

from django.db import models


class ChangeKind(models.TextChoices):
    """From the least to the greatest. A first edition is none of them."""

    FORM = "correction-of-form", "Correction of form"  # a page number, a quotation, a typing error: it says the same
    EVIDENCE = "new-evidence", "New evidence"  # it rests on more, on less or on something newer; it concludes the same
    CONCLUSION = "changed-conclusion", "Changed conclusion"  # what it states, or how sure we are of it, is another

    @property
    def weight(self) -> int:
        """Its place in that order."""
        return list(type(self)).index(self)
