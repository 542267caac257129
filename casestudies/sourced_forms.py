"""Forms of the parts of a case study that cite."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from casestudies.models import (
    CaseCitation,
    IndicatorValue,
)
from failure_lessons.workbench.inlines import RowForm
from literature.sourced_forms import LinesField, SourcedForm, SourcesField, source_line


class CaseSourcedForm(RowForm, SourcedForm):
    """A statement of a case with its sources."""

    sources: forms.Field = SourcesField()


class ValuesField(LinesField):
    """A series, one figure a line: `period | value | note`."""

    def clean(self, value: object) -> list[dict[str, object]]:
        cleaned, errors, periods = [], [], set()
        for number, row in enumerate(self.rows(super().clean(value) or ""), start=1):
            try:
                figure = Decimal(row[1].replace(",", ""))
                if not figure.is_finite():
                    raise InvalidOperation
            except (IndexError, InvalidOperation):
                errors.append(f"Line {number}: write period | value | note, such as 2016-17 | 34.5 | About a third.")
                continue
            if row[0] in periods:
                errors.append(f"Line {number}: the period {row[0]} stands there twice.")
            periods.add(row[0])
            cleaned.append({"period": row[0], "value": figure, "note": " | ".join(row[2:])})
        if errors:
            raise forms.ValidationError(errors)
        return cleaned


class IndicatorForm(CaseSourcedForm):
    """An indicator with its series and its sources."""

    values: forms.Field = ValuesField(
        required=False, label="Series", help_text="One figure a line: period | value | note. The note is optional."
    )

    other_values: forms.Field = ValuesField(
        required=False,
        label="What it is compared with",
        help_text="The same figures there, one a line: period | value. Say what they tell of under Compared with.",
    )

    figure_sources: forms.Field = SourcesField(
        parts_before=1,
        label="Sources of single figures",
        help_text="One a line: period | key | page or paragraph | very words, and so on as under Sources.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            points = self.instance.points.all()
            self.initial["values"] = "\n".join(
                " | ".join(filter(None, [point.period, f"{point.value.normalize():f}", point.note])) for point in points
            )
            self.initial["other_values"] = "\n".join(
                f"{point.period} | {point.comparator.normalize():f}" for point in points if point.comparator is not None
            )
            self.initial["figure_sources"] = "\n".join(
                source_line(each, point.period) for point in points for each in point.citations.all()
            )

    def clean(self) -> None:
        super().clean()
        periods = {values["period"] for values in self.cleaned_data.get("values") or []}
        for each in self.cleaned_data.get("figure_sources") or []:
            if each["before"][0] not in periods:
                self.add_error("figure_sources", f"The series has no figure for “{each['before'][0][:30]}”.")
        for other in self.cleaned_data.get("other_values") or []:
            if other["note"]:
                self.add_error("other_values", f"Only period | value: put “{other['note'][:30]}” into the series.")
            if other["period"] not in periods:
                self.add_error("other_values", f"The series has no figure for “{other['period'][:30]}”.")
        if self.cleaned_data.get("other_values") and not self.cleaned_data.get("comparator"):
            self.add_error("comparator", "Say what the series is compared with, such as: England.")

    def _save_m2m(self) -> None:
        super()._save_m2m()
        if {"values", "other_values", "figure_sources"} & set(self.changed_data):
            others = {each["period"]: each["value"] for each in self.cleaned_data["other_values"]}
            self.instance.points.all().delete()
            figures = IndicatorValue.objects.bulk_create(
                IndicatorValue(
                    indicator=self.instance, position=position, comparator=others.get(values["period"]), **values
                )
                for position, values in enumerate(self.cleaned_data["values"])
            )
            by_period = {figure.period: figure for figure in figures}
            CaseCitation.objects.bulk_create(
                CaseCitation(figure=by_period[each.pop("before")[0]], position=position, **each)
                for position, each in enumerate(self.cleaned_data["figure_sources"])
            )
