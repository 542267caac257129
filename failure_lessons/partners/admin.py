"""Admin of drafts that partners may change."""

from __future__ import annotations

from django import forms
from django.contrib import admin

from failure_lessons.access.models import PARTNERS
from failure_lessons.accounts.models import User
from failure_lessons.partners.models import Draft
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.registry import list_members


class DraftForm(forms.ModelForm):
    """A record assigned to a partner, named by kind and key."""

    kind = forms.ChoiceField(choices=[(member.kind, member.kind) for member in list_members()])
    partner = forms.ModelChoiceField(User.objects.filter(groups__name=PARTNERS).distinct())

    class Meta:
        model = Draft
        fields = ["kind", "slug", "partner"]

    def clean(self) -> dict[str, object]:
        values: dict[str, object] = super().clean() or {}
        member = next((each for each in list_members() if each.kind == values.get("kind")), None)
        record: Publishable | None = None
        if member:
            record = member.model._default_manager.filter(slug=values.get("slug")).first()
        if record is None:
            raise forms.ValidationError({"slug": "There is no record of this kind with this key."})
        if Draft.objects.filter(record_id=record.record_id).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError({"slug": "It belongs to a partner already."})
        self.instance.record_id = record.record_id
        return values


@admin.register(Draft)
class DraftAdmin(admin.ModelAdmin):
    """Whose drafts are whose."""

    form = DraftForm
    list_display = ["slug", "kind", "partner", "created_at"]
    list_filter = ["kind", "partner"]
    list_select_related = ["partner"]
    search_fields = ["slug"]
