"""The columns of a list: derived from the fields of its model, with the few overrides that people need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as part
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from failure_lessons.bulk import cells
from failure_lessons.bulk.cells import CannotUse, CellForm
from failure_lessons.bulk.lists import name_paths, names_by_pk, pks_by_name
from failure_lessons.dates import EdtfField
from failure_lessons.history.models import Change, row_key
from failure_lessons.types import JSONValue
from failure_lessons.vocabularies.term_fields import TermField
from failure_lessons.vocabularies.terms import labels_of_vocabulary, offered_terms

KEY_HEADER = "Record (leave as it is)"
FORMS_BY_FIELD = {  # by model and field, where the kind of field does not say how it is best written
    ("literature.reference", "author"): cells.AUTHORS_FORM,
    ("literature.reference", "issued"): cells.ISSUED_FORM,
}
FIXED = {"slug", "code", "key"}  # what addresses and citations use: it stays once a record was published


@dataclass(frozen=True)
class SheetColumn:
    """One field of a model as a column."""

    field: models.Field[object, object]
    header: str
    form: CellForm
    choices: tuple[str, ...] = ()  # what the list of a cell offers
    target: type[models.Model] | None = None  # where a relation points

    @property
    def name(self) -> str:
        return str(self.field.name)

    @property
    def several(self) -> bool:
        return bool(self.field.many_to_many)

    @property
    def related(self) -> bool:
        return self.target is not None

    @property
    def needed(self) -> bool:
        return not self.field.blank and not (self.field.has_default() and not isinstance(self.field, ArrayField))

    @property
    def help(self) -> str:
        """What the help sheet says of it."""
        said = str(self.field.help_text).strip()
        what = self.form.advice
        if self.target is not None:
            kind = self.target._meta.verbose_name
            named = cells.DIVIDER.join(path.replace("__", " ") for path in name_paths(self.target)).replace("; ", " / ")
            what = f"The {named} of " + (f"each {kind}, with “;” between." if self.several else f"one {kind}.")
        return " ".join(filter(None, [said, what if what != "Text." else ""])) or "Text."

    def text(self, raw: Any, names: dict[int, str]) -> str:
        """What stands in the cell. `raw` is the value; for relations numbers, which `names` names."""
        if self.several:
            return cells.DIVIDER.join(sorted(names[pk] for pk in raw))
        if self.related:
            return "" if raw is None else names[raw]
        return self.form.write(raw)

    def value(self, text: str, pks: dict[str, int]) -> object:
        """The value that a cell says. `pks` finds what relations name. Raises `CannotUse`."""
        if self.several:
            return frozenset(self.require_pk(name, pks) for name in self.split_names(text))
        if self.related:
            return self.require_pk(text.strip(), pks) if text.strip() else None
        return self.form.read(text)

    def split_names(self, text: str) -> set[str]:
        """What a cell of a relation names."""
        parts = text.split(";") if self.several else [text]
        return {name.strip() for name in parts if name.strip()}

    def require_pk(self, name: str, pks: dict[str, int]) -> int:
        if name not in pks:
            kind = self.target._meta.verbose_name if self.target else "record"
            raise CannotUse(f"There is no {kind} “{name[:80]}”.")
        return pks[name]

    def raw(self, row: models.Model) -> Any:
        """The value of a row, but for many-to-many fields, which `Loaded` knows."""
        return getattr(row, self.field.attname)

    def from_history(self, stored: JSONValue) -> object:
        """What the history kept of this column, as a value."""
        if self.related or stored is None or isinstance(self.field, models.JSONField | ArrayField):
            return stored
        return self.field.to_python(stored)


def as_link(field: models.Field[object, object]) -> models.ManyToManyField[models.Model, models.Model]:
    """A field that is known to hold several records."""
    if not isinstance(field, models.ManyToManyField):
        raise TypeError(f"{field} holds one value.")
    return field


def link_model(field: models.Field[object, object]) -> type[models.Model]:
    """The table between the two sides of a many-to-many field."""
    through = as_link(field).remote_field.through
    if through is None:
        raise TypeError(f"{field} has no table.")
    return through


def link_names(field: models.Field[object, object]) -> tuple[str, str]:
    """In that table, the names of the fields that point to either side."""
    return as_link(field).m2m_field_name(), as_link(field).m2m_reverse_field_name()


def columns_of(model: type[models.Model]) -> tuple[SheetColumn, ...]:
    """Every field that people edit, in the order of the model."""
    fields = [
        each
        for each in [*model._meta.concrete_fields, *model._meta.many_to_many]
        if each.editable and not each.primary_key and (not each.many_to_many or link_model(each)._meta.auto_created)
    ]
    headers = [field_heading(each) for each in fields]
    return tuple(
        column_of(each, header if headers.count(header) == 1 else f"{header} ({each.name})")
        for each, header in zip(fields, headers, strict=True)
    )


def field_heading(field: models.Field[object, object]) -> str:
    name = str(field.verbose_name)
    return name[:1].upper() + name[1:]


def column_of(field: models.Field[object, object], header: str) -> SheetColumn:
    """A field with the form that its values are written in."""
    if field.is_relation:
        return SheetColumn(field, header, cells.TEXT_FORM, target=field.related_model)
    base = field.base_field if isinstance(field, ArrayField) else field
    form = FORMS_BY_FIELD.get((field.model._meta.label_lower, field.name))
    offered = list(base.choices or ())
    if isinstance(base, TermField):
        offered = offered_terms(base.vocabulary)
        form = cells.choices_form(
            offered,
            several=base is not field,
            still_valid=list(labels_of_vocabulary(base.vocabulary).items()),
        )
    elif form is None and offered:
        form = cells.choices_form(offered, several=base is not field)
    choices = tuple(str(label) for code, label in offered if code not in ("", None))
    if isinstance(field, models.BooleanField):
        choices = (cells.YES, cells.NO)
    return SheetColumn(field, header, form or form_for_field(field), choices if base is field else ())


def form_for_field(field: models.Field[object, object]) -> CellForm:
    """The form for a kind of field."""
    if isinstance(field, ArrayField):
        return cells.LINES_FORM
    if isinstance(field, models.JSONField):
        return cells.NAME_VALUE_FORM if field.default is dict else cells.LINES_FORM
    if isinstance(field, models.BooleanField):
        return cells.BOOLEAN_FORM
    if isinstance(field, models.DecimalField):
        return cells.DECIMAL_FORM
    if isinstance(field, models.IntegerField):
        return cells.INTEGER_FORM
    if isinstance(field, models.DateField):
        return cells.DAY_FORM
    if isinstance(field, EdtfField):
        return cells.DATE_FORM
    return cells.TEXT_FORM


@dataclass
class Loaded:
    """Rows of a list with all that their cells need: a fixed number of queries, however many rows."""

    rows: Sequence[models.Model]
    columns: Sequence[SheetColumn]
    sets: dict[str, dict[int, frozenset[int]]] = part(default_factory=dict)  # many-to-many: field, row, numbers
    names: dict[type[models.Model], dict[int, str]] = part(default_factory=dict)

    def __post_init__(self) -> None:
        wanted: dict[type[models.Model], set[int]] = {}
        for column in self.columns:
            if column.target is None:
                continue
            if column.several:
                self.sets[column.name] = read_linked_pks(column.field, [row.pk for row in self.rows])
                pks = {pk for each in self.sets[column.name].values() for pk in each}
            else:
                pks = {column.raw(row) for row in self.rows} - {None}
            wanted.setdefault(column.target, set()).update(pks)
        self.names = {model: names_by_pk(model, pks) for model, pks in wanted.items()}

    def raw(self, row: models.Model, column: SheetColumn) -> Any:
        """The value of a cell."""
        return self.sets[column.name].get(row.pk, frozenset()) if column.several else column.raw(row)

    def text(self, row: models.Model, column: SheetColumn) -> str:
        """The text of a cell."""
        return column.text(self.raw(row, column), self.names.get(column.target, {}) if column.target else {})


def read_linked_pks(field: models.Field[object, object], pks: Sequence[int]) -> dict[int, frozenset[int]]:
    """The numbers that a many-to-many field holds, by row: one query."""
    found: dict[int, set[int]] = {}
    source, target = link_names(field)
    rows = link_model(field)._default_manager.filter(**{f"{source}__in": pks})
    for row, other in rows.order_by().values_list(f"{source}_id", f"{target}_id"):
        found.setdefault(row, set()).add(other)
    return {row: frozenset(others) for row, others in found.items()}


def find_named_pks(
    columns: Iterable[SheetColumn], cells_by_column: dict[str, set[str]]
) -> dict[type[models.Model], dict[str, int]]:
    """The numbers of everything that cells name: one query for each model that is named."""
    wanted: dict[type[models.Model], set[str]] = {}
    for column in columns:
        if column.target is not None:
            texts = cells_by_column.get(column.name, set())
            wanted.setdefault(column.target, set()).update(*(column.split_names(text) for text in texts))
    return {model: pks_by_name(model, names) for model, names in wanted.items()}


def newest_versions(model: type[models.Model], pks: Sequence[int]) -> dict[int, int]:
    """The newest change of each row and of its many-to-many fields: one query, and one for each such field."""
    table = model._meta.db_table
    keys = {row_key(table, pk): pk for pk in pks}
    newest = dict.fromkeys(pks, 0)
    changes = Change.objects.order_by()
    for key, number in changes.filter(key__in=list(keys)).values_list("key").annotate(models.Max("pk")):
        newest[keys[key]] = number
    for column in columns_of(model):
        if column.several:
            through = link_model(column.field)._meta.db_table
            links = changes.filter(owners__overlap=list(keys), key__startswith=f"{through}:")
            for owners, number in links.values_list("owners", "pk"):
                for owner in owners:
                    if owner in keys:
                        newest[keys[owner]] = max(newest[keys[owner]], number)
    return newest


def key_text(model: type[models.Model], pk: int, version: int) -> str:
    """The key of a row: which it is, and at which version it was written out."""
    return f"{model._meta.model_name}:{pk}@{version}"
