"""From a sheet to the workbench: what is added and changed, what is refused, and who did it."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from casestudies.models import CaseFinding, CaseStudy, Condition, Event, Indicator, IndicatorValue, Organisation
from failure_lessons.bulk.models import Upload
from failure_lessons.bulk.services import CannotTakeIn, decide_conflicts, refresh_preview, stage_upload, take_in
from failure_lessons.history.audit_context import acting_as
from failure_lessons.history.models import Change
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import submit_record
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference, Screening
from recommendations.models import Recommendation
from tests import factories
from tests.bulk.sheets import Sheet, changes_of, downloaded, everything, faults_of, made, staged, taken_in

pytestmark = pytest.mark.django_db


def confirm(upload, model, by, reason="A test.", digest=None):
    return take_in(
        upload=upload, rights=everything(model), by=by, digest=digest or upload.plan["digest"], reason=reason
    )


def test_a_sheet_adds_and_changes_and_says_who_and_why(researcher):
    draft = Organisation.objects.create(slug="old", name="Old name", type="school", place="Leeds")
    sheet = Sheet(Organisation.objects.filter(slug="old")).write(draft, Name="New name", Place=None)
    sheet.add(Slug="another", Name="=Another", Type="prison")
    sheet.at(3, "Name").data_type = "s"
    upload = taken_in(sheet.bytes(), Organisation, researcher, "Checked by telephone")
    draft.refresh_from_db()
    assert (draft.name, draft.place, draft.type) == ("New name", "", "school")
    another = Organisation.objects.get(slug="another")
    assert (another.name, another.state) == ("=Another", "draft")
    assert [len(upload.result[what]) for what in ("added", "changed")] == [1, 1]
    assert (upload.rows, upload.plan) == ({}, {})
    for record in (draft, another):
        last = Change.objects.of(record).last()
        assert (last.by, last.reason) == (researcher, "Checked by telephone")


def test_everything_that_follows_from_a_field_follows(researcher):
    case = factories.case()
    event, finding = case.events.get(), case.findings.get()
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    edited = case.edited_at
    taken_in(Sheet(Event.objects.filter(case=case)).write(event, Date="2001~/2003").bytes(), Event, researcher)
    event.refresh_from_db()
    assert (event.date, event.earliest, event.latest) == ("2001~/2003", dt.date(2001, 1, 1), dt.date(2003, 12, 31))
    sheet = Sheet(CaseFinding.objects.filter(case=case)).write(finding, Code="Z9-F9")
    sheet.add(Case=case.slug, Code="Z9-F10", Statement="Found.", Phase="Prevention")
    taken_in(sheet.bytes(), CaseFinding, researcher)
    finding.refresh_from_db()
    assert (finding.code, finding.slug) == ("Z9-F9", "z9-f9")
    assert CaseFinding.objects.get(code="Z9-F10").slug == "z9-f10"
    taken_in(Sheet(CaseStudy.objects.filter(pk=case.pk)).write(case, Title="Another").bytes(), CaseStudy, researcher)
    case.refresh_from_db()
    assert (case.title, case.edited_at > edited) == ("Another", True)


@pytest.mark.slow
def test_every_kind_of_field_is_written(researcher):
    themes = [factories.theme() for _ in range(3)]
    made_ = factories.recommendation()
    finding = factories.case().findings.get()
    finding.themes.set(themes[:2])
    sheet = Sheet(Recommendation.objects.filter(pk=made_.pk)).write(
        made_, Audiences="Regulator; National policymaker", Actions="One\nTwo", Months="18", Strength="Strong"
    )
    label = dict(Recommendation._meta.get_field("audiences").base_field.choices)
    sheet.write(made_, Audiences="; ".join(str(each) for each in list(label.values())[:2]))
    taken_in(sheet.bytes(), Recommendation, researcher)
    made_.refresh_from_db()
    assert (made_.audiences, made_.actions) == (list(label)[:2], ["One", "Two"])
    assert (made_.timescale_months, made_.strength) == (18, "strong")
    sheet = Sheet(CaseFinding.objects.filter(pk=finding.pk))
    taken_in(sheet.write(finding, Themes=f"{themes[2].slug};{themes[1].slug}").bytes(), CaseFinding, researcher)
    assert set(finding.themes.all()) == set(themes[1:])
    reference = factories.reference()
    sheet = Sheet(Reference.objects.filter(pk=reference.pk)).write(
        reference,
        Authors="Allen, Rebecca; Ofsted",
        Issued="2018-08~",
        Other_CSL_variables='{"volume": "3", "page": "4"}',
    )
    taken_in(sheet.bytes(), Reference, researcher)
    reference.refresh_from_db()
    assert reference.author == [{"family": "Allen", "given": "Rebecca"}, {"literal": "Ofsted"}]
    assert reference.issued == {"date-parts": [[2018, 8]], "circa": True}
    assert reference.csl == {"volume": "3", "page": "4"}
    condition = Condition.objects.filter(is_outcome=False).first()
    sheet = Sheet(Condition.objects.filter(pk=condition.pk)).write(condition, Label="Renamed")
    taken_in(sheet.bytes(), Condition, researcher)
    assert Condition.objects.get(pk=condition.pk).label == "Renamed"


def test_an_indicator_value_is_added_by_the_name_of_its_indicator(researcher):
    case = factories.case()
    indicator = Indicator.objects.create(case=case, name="Assaults", unit="a year", better="lower")
    sheet = made(["Indicator", "Period", "Value"], [f"{case.slug} / Assaults", "2016-17", "1,434.5"])
    taken_in(sheet, IndicatorValue, researcher)
    assert str(indicator.points.get()) == "2016-17: 1434.5"


def test_rows_and_columns_that_are_left_out_stay(researcher):
    first = Organisation.objects.create(slug="a", name="A", type="school", place="Leeds")
    second = Organisation.objects.create(slug="b", name="B", type="school")
    sheet = Sheet(Organisation.objects.filter(pk__in=[first.pk, second.pk])).write(first, Name="AA")
    sheet.sheet.delete_rows(sheet.row_of(second))
    sheet.sheet.delete_cols(sheet.headings.index("Place") + 1)
    upload = taken_in(sheet.bytes(), Organisation, researcher)
    first.refresh_from_db()
    assert (first.name, first.place) == ("AA", "Leeds")
    assert Organisation.objects.filter(pk=second.pk).exists()
    assert len(upload.result["changed"]) == 1


FAULTS = {
    "no such choice": (
        Event,
        {"Phase": "Preventiom"},
        "Phase",
        "“Preventiom” is not a choice. Did you mean “Prevention”? One of: Prevention,",
    ),
    "no date": (Event, {"Date": "some time in 1996"}, "Date", "is not an EDTF date"),
    "an open-ended number": (Event, {"Position": "1e400"}, "Position", "whole number"),
    "not a number": (Event, {"Position": "NaN"}, "Position", "number"),
    "a number too large": (Event, {"Position": "99999"}, "Position", "less than or equal to 32767"),
    "too long": (Event, {"Title": "x" * 201}, "Title", "at most 200 characters"),
    "emptied": (Event, {"Title": None}, "Title", "cannot be blank"),
    "no such case": (Event, {"Case": "hmp-birminghan"}, "Case", "Did you mean “hmp-birmingham”?"),
    "no case": (Event, {"Case": None}, "Case", "cannot be empty"),
    "a rule": (Recommendation, {"Strength": "Strong", "Wording": "Consider"}, "", "not worded consider"),
    "an unknown theme": (CaseFinding, {"Themes": "theme-x; theme-y"}, "Themes", "There is no theme “"),
    "a key with capitals": (Reference, {"Key": "Smith 2019"}, "Key", "lower-case letters"),
    "JSON of another kind": (Reference, {"Authors": '[{"family": 3}]'}, "Authors", "Family, Given"),
    "JSON too deep": (Reference, {"Authors": "[" * 30_000}, "Authors", "not JSON"),
    "JSON with NUL": (Reference, {"Other_CSL_variables": '{"a": "\\u0000"}'}, "Other CSL variables", "not JSON"),
    "JSON with half a letter": (Reference, {"Other_CSL_variables": '{"a": "\\ud800"}'}, "Other CSL variables", "JSON"),
    "no address": (Reference, {"Address": "javascript:alert(1)"}, "Address", "valid URL"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_row_is_named_with_its_column_and_what_to_do(name, researcher):
    model, cells, column, advice = FAULTS[name]
    case = factories.case()
    record = {
        Event: case.events.get,
        CaseFinding: case.findings.get,
        Reference: factories.reference,
        Recommendation: factories.recommendation,
    }[model]()
    before = Change.objects.count()
    sheet = Sheet(model.objects.filter(pk=record.pk)).write(record, **cells)
    upload = staged(sheet.bytes(), model, researcher)
    told = faults_of(upload)[2]
    assert {where for where, _ in told} == {column}
    assert any(advice in said for _, said in told)
    with pytest.raises(CannotTakeIn, match="all or nothing"):
        confirm(upload, model, researcher)
    assert Change.objects.count() == before


@pytest.mark.parametrize("missing", ["Title", "Date", "Phase", "Case"])
def test_a_new_row_without_what_it_needs_is_faulty(missing, researcher):
    cells = {"Case": factories.case().slug, "Date": "1996", "Phase": "Prevention", "Title": "It began"}
    upload = staged(made([*cells], [cells[name] if name != missing else "" for name in cells]), Event, researcher)
    assert [column for column, _ in faults_of(upload)[2]] == [missing]


def test_one_faulty_row_stops_all_of_them(researcher):
    upload = staged(made(["Slug", "Name", "Type"], ["a-b", "A", "x"], ["c-d", "", "x"]), Organisation, researcher)
    with pytest.raises(CannotTakeIn):
        confirm(upload, Organisation, researcher)
    assert not Organisation.objects.filter(slug="a-b").exists()


def test_what_may_stand_once_is_told_for_rows_here_and_in_the_sheet(researcher):
    Organisation.objects.create(slug="here", name="Here", type="x", urn="123456")
    rows = [["here", "A", "x", ""], ["b", "B", "x", "123456"], ["c", "C", "x", ""], ["c", "D", "x", ""]]
    upload = staged(made(["Slug", "Name", "Type", "URN"], *rows), Organisation, researcher)
    faults = faults_of(upload)
    assert set(faults) == {2, 3, 5}
    assert "already" in faults[2][0][1]
    assert "A urn belongs to one organisation." in faults[3][0][1]
    assert "Another row of this sheet" in faults[5][0][1]


def test_a_screening_decision_is_unique_by_three_columns(researcher):
    here = Screening.objects.select_related("review", "reference").first()
    row = [here.review.slug, here.reference.slug, here.get_stage_display(), "Include", "Again"]
    upload = staged(made(["Review", "Reference", "Stage", "Decision", "Reason"], row), Screening, researcher)
    assert "screened once a stage" in faults_of(upload)[2][0][1]


def test_keys_that_nobody_wrote_out_are_faulty(researcher):
    first = Organisation.objects.create(slug="a", name="A", type="x")
    version = Change.objects.of(first).last().pk
    keys = [
        f"organisation:{first.pk}@{version}",
        f"organisation:{first.pk}@{version}",
        "organisation:999999999@1",
        "12",
        f"organisation:{first.pk}@{version + 10**6}",
    ]
    sheet = made(["Record (leave as it is)", "Name"], *[[key, f"Name {n}"] for n, key in enumerate(keys)])
    faults = faults_of(staged(sheet, Organisation, researcher))
    assert set(faults) == {3, 4, 5, 6}
    assert "Row 2 is the same organisation" in faults[3][0][1]
    assert "not here any more" in faults[4][0][1]
    assert "not written by the workbench" in faults[5][0][1]


def test_unknown_columns_are_named_with_the_likest(researcher):
    upload = staged(made(["Slug", "Name", "Typ", "Zzz"], ["a", "A", "x", "y"]), Organisation, researcher)
    assert upload.plan["notes"] == [
        "“Typ” is no column of this list and is not read. Did you mean “Type”?",
        "“Zzz” is no column of this list and is not read.",
    ]


def test_what_somebody_else_changed_is_a_conflict_with_both_values(researcher, publisher):
    record = Organisation.objects.create(slug="a", name="A", type="school", place="Leeds")
    sheet = Sheet(Organisation.objects.filter(pk=record.pk)).write(record, Name="Mine", Place="York")
    with acting_as(by=publisher):
        Organisation.objects.filter(pk=record.pk).update(name="Theirs", type="prison")
    upload = staged(sheet.bytes(), Organisation, researcher)
    [row] = upload.plan["rows"]
    assert row["standing"] == "conflict"
    cells = {cell["field"]: cell for cell in row["cells"]}
    assert set(cells) == {
        "name",
        "place",
    }  # the type in the sheet is what it was: theirs stays, and is no change of ours
    assert (cells["name"]["old"], cells["name"]["new"]) == ("Theirs", "Mine")
    assert cells["name"]["by"].startswith("publisher, ")
    confirm(upload, Organisation, researcher)
    record.refresh_from_db()
    assert (record.name, record.place, record.type) == ("Theirs", "York", "prison")


def test_a_conflict_is_won_by_the_sheet_where_somebody_says_so(researcher, publisher):
    theme = factories.theme()
    finding = factories.case().findings.get()
    sheet = Sheet(CaseFinding.objects.filter(pk=finding.pk)).write(finding, Statement="Mine.", Themes=theme.slug)
    with acting_as(by=publisher):
        CaseFinding.objects.filter(pk=finding.pk).update(statement="Theirs.")
        finding.themes.set([factories.theme()])
    upload = staged(sheet.bytes(), CaseFinding, researcher)
    assert {cell["field"] for cell in upload.plan["rows"][0]["cells"] if cell["by"]} == {"statement", "themes"}
    decide_conflicts(
        upload=upload, decisions={"2.themes": "sheet", "9.title": "sheet", "2.statement": "x"}, by=researcher
    )
    upload.refresh_from_db()
    assert upload.decisions == {"2.themes": "sheet"}
    confirm(upload, CaseFinding, researcher)
    finding.refresh_from_db()
    assert (finding.statement, list(finding.themes.all())) == ("Theirs.", [theme])


def test_a_set_that_others_changed_and_the_sheet_did_not_stays_theirs(researcher):
    finding, theme = factories.case().findings.get(), factories.theme()
    finding.themes.set([factories.theme()])
    sheet = Sheet(CaseFinding.objects.filter(pk=finding.pk))
    finding.themes.set([theme])
    assert staged(sheet.bytes(), CaseFinding, researcher).plan["rows"] == []


def test_what_changed_after_the_preview_is_not_written_over(researcher):
    record = Organisation.objects.create(slug="a", name="A", type="school")
    upload = staged(
        Sheet(Organisation.objects.filter(pk=record.pk)).write(record, Name="Mine").bytes(), Organisation, researcher
    )
    Organisation.objects.filter(pk=record.pk).update(name="Theirs")
    with pytest.raises(CannotTakeIn, match="since you looked") as refusal:
        confirm(upload, Organisation, researcher)
    assert refusal.value.outdated
    record.refresh_from_db()
    assert record.name == "Theirs"
    again = refresh_preview(upload=upload, rights=everything(Organisation), by=researcher)
    assert again.plan["counts"]["conflict"] == 1
    confirm(again, Organisation, researcher)


def test_confirming_twice_changes_nothing_twice(researcher):
    upload = staged(made(["Slug", "Name", "Type"], ["a-b", "A", "x"]), Organisation, researcher)
    digest = upload.plan["digest"]
    confirm(upload, Organisation, researcher, digest=digest)
    before = Change.objects.count()
    with pytest.raises(CannotTakeIn, match="already"):
        confirm(upload, Organisation, researcher, digest=digest)
    assert Change.objects.count() == before


def test_the_same_sheet_handed_in_again_meets_what_it_wrote(researcher):
    data = made(["Slug", "Name", "Type"], ["a-b", "A", "x"])
    taken_in(data, Organisation, researcher)
    assert "already" in faults_of(staged(data, Organisation, researcher))[2][0][1]


def test_published_records_ask_why_and_keep_their_addresses(researcher):
    theme = Theme.objects.filter(state="published").first()
    upload = staged(Sheet(Theme.objects.all()).write(theme, Scope_note="Another.").bytes(), Theme, researcher)
    assert upload.plan["asks_reason"]
    with pytest.raises(CannotTakeIn, match="say why"):
        confirm(upload, Theme, researcher, reason="  ")
    confirm(upload, Theme, researcher, reason="A reader asked")
    assert Change.objects.of(theme).last().reason == "A reader asked"
    assert Edition.objects.current().get(record_id=theme.record_id).number == 1
    faults = faults_of(staged(Sheet(Theme.objects.all()).write(theme, Slug="new-slug").bytes(), Theme, researcher))
    assert "was published" in faults[next(iter(faults))][0][1]


def test_a_part_of_a_published_record_asks_why(researcher):
    event = Event.objects.filter(case__slug="hmp-birmingham").first()
    upload = staged(Sheet(Event.objects.filter(pk=event.pk)).write(event, Title="Another").bytes(), Event, researcher)
    assert upload.plan["asks_reason"]


def test_what_is_in_review_is_left_alone(researcher):
    case, calm = factories.case("In review"), factories.case()
    submit_record(record=case, by=researcher)
    sheet = Sheet(CaseStudy.objects.filter(pk=case.pk)).write(case, Title="Changed")
    assert "is in review" in faults_of(staged(sheet.bytes(), CaseStudy, researcher))[2][0][1]
    events = Event.objects.filter(case__in=[case, calm])
    moved = (
        Sheet(events)
        .write(case.events.get(), Case=calm.slug)
        .add(Case=case.slug, Date="1999", Phase="Prevention", Title="N")
    )
    faults = faults_of(staged(moved.bytes(), Event, researcher))
    assert len(faults) == 2
    assert all("“In review” is in review" in fault[0][1] for fault in faults.values())


def test_somebody_elses_sheet_is_not_theirs_to_confirm(researcher, publisher):
    upload = staged(made(["Slug", "Name", "Type"], ["a-b", "A", "x"]), Organisation, researcher)
    with pytest.raises(CannotTakeIn, match="not here any more"):
        confirm(upload, Organisation, publisher)


def test_old_sheets_are_thrown_away(researcher):
    data = made(["Slug", "Name", "Type"], ["a-b", "A", "x"])
    old = stage_upload(
        name="old\0.xlsx",
        data=data,
        rights=everything(Organisation),
        by=researcher,
        now=timezone.now() - dt.timedelta(days=31),
    )
    staged(data, Organisation, researcher)
    assert not Upload.objects.filter(pk=old.pk).exists()


def test_what_only_the_database_sees_is_told_with_its_row_and_undone(researcher, monkeypatch):
    monkeypatch.setattr("failure_lessons.bulk.comparing.broken_rules", lambda row: ())
    monkeypatch.setattr("failure_lessons.bulk.comparing.find_duplicate_rows", lambda rows: ())
    rows = [[f"n-{n}", f"N{n}", "x", "123456" if n in (3, 7) else ""] for n in range(9)]
    upload = staged(made(["Slug", "Name", "Type", "URN"], *rows), Organisation, researcher)
    with pytest.raises(CannotTakeIn, match=r"Row 9: A urn belongs to one organisation\."):
        confirm(upload, Organisation, researcher)
    assert not Organisation.objects.filter(slug__startswith="n-").exists()
    assert Upload.objects.get(pk=upload.pk).state == "open"


def test_two_rows_that_change_places_are_told_and_nothing_is_half_done(researcher):
    first, second = (Organisation.objects.create(slug=slug, name=slug, type="x") for slug in ("a-a", "b-b"))
    sheet = (
        Sheet(Organisation.objects.filter(slug__in=["a-a", "b-b"])).write(first, Slug="b-b").write(second, Slug="a-a")
    )
    upload = staged(sheet.bytes(), Organisation, researcher)
    assert changes_of(upload)[2, "slug"] == ("a-a", "b-b")
    with pytest.raises(CannotTakeIn, match=r"Row \d:"):
        confirm(upload, Organisation, researcher)
    first.refresh_from_db()
    assert first.slug == "a-a"


def test_download_of_a_filtered_list_is_that_list():
    rows = Organisation.objects.filter(type="school")
    assert Sheet(rows).sheet.max_row - 1 == rows.count()
    assert downloaded(Organisation.objects.none())
