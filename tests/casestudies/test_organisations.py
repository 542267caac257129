"""Identifiers are checked offline; organisations that are here twice are found and become one."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from casestudies.identifiers import identifier_fault, tidy_identifier
from casestudies.models import Actor, CaseStudy, Involvement, Organisation, OrganisationsApart
from casestudies.similarity import LIKELY_SAME_ORGANISATION, likely_organisation_pairs
from failure_lessons.history.models import Change
from failure_lessons.packages.format import write_package
from failure_lessons.packages.validation import KnownKeys, check_links
from failure_lessons.publishing.merging import CannotMerge, foreign_keys_to, merge_records
from tests import factories

FIELDS = ("name", "type", "place", "urn", "ods", "ror")


def organisation(name, **values):
    slug = f"organisation-{next(factories.numbers)}"
    return Organisation.objects.create(**{"slug": slug, "name": name, "type": "trust", **values})


@pytest.mark.parametrize(
    ("scheme", "code"),
    [("ror", each) for each in ("04h699437", "03yrm5c26", "052gg0110", "013meh722", "02jx3x895", "041kmwe10")]
    + [("urn", "100000"), ("urn", "149999"), ("ods", "RWE"), ("ods", "R1A"), ("ods", "QHM"), ("ods", "A81001")],
)
def test_real_identifiers_pass(scheme, code):
    assert identifier_fault(scheme, code) == ""


@pytest.mark.parametrize(
    ("scheme", "code", "words"),
    [
        ("ror", "04h699438", "last two digits do not fit"),
        ("ror", "04h694937", "last two digits do not fit"),
        ("ror", "04h69943", "nine characters"),
        ("ror", "14h699437", "nine characters"),
        ("ror", "04i699437", "nine characters"),
        ("ror", "https://ror.org/04h699437", "only the end of the address"),
        ("ror", "0٤h699437", "nine characters"),
        ("urn", "12345", "has 5 digits"),
        ("urn", "012345", "the first not 0"),
        ("urn", "1234567", "has 7 digits"),
        ("urn", "12345a", "no URN"),
        ("urn", "１２３４５６", "no URN"),
        ("ods", "rwe", "in capitals: RWE"),
        ("ods", "RW", "no ODS code"),
        ("ods", "RWE-1", "no ODS code"),
    ],
)
def test_mistyped_identifiers_are_told_how_to_mend_them(scheme, code, words):
    assert words in identifier_fault(scheme, code)


def test_every_slip_of_one_character_and_every_swap_of_neighbours_in_a_ror_is_noticed():
    good = "04h699437"
    for place in range(1, 9):
        for letter in "0123456789abcdefghjkmnpqrstvwxyz":
            slip = good[:place] + letter + good[place + 1 :]
            assert bool(identifier_fault("ror", slip)) == (slip != good), slip
    for place in range(1, 8):
        swap = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
        assert bool(identifier_fault("ror", swap)) == (swap != good), swap


def test_what_is_pasted_along_is_taken_off():
    assert tidy_identifier("ror", " https://ror.org/04H699437/ ") == "04h699437"
    assert (tidy_identifier("ods", "rwe "), tidy_identifier("urn", "URN: 107 777")) == ("RWE", "107777")


def test_a_package_with_a_mistyped_or_shared_identifier_is_refused(shipped):
    case = {**shipped["case-studies"][0]}
    first, second = (dict(each) for each in case["organisations"][:2])
    first["identifiers"], second["identifiers"] = {"ror": "04h699438", "ods": "RWE"}, {"ods": "RWE"}
    case["organisations"] = [first, second]
    package = type(shipped)(shipped.manifest, {**shipped.members, "case-studies": [case]})
    found = [str(problem) for problem in check_links(package, KnownKeys()) if "identifiers" in problem.path]
    assert "last two digits do not fit" in found[0]
    assert "belongs to one organisation" in found[1]


@pytest.mark.slow
@pytest.mark.django_db
def test_the_loader_says_whose_identifier_is_taken(shipped, tmp_path):
    organisation("Leicester", ror="04h699437")
    case = {**shipped["case-studies"][0], "organisations": [dict(shipped["case-studies"][0]["organisations"][0])]}
    case["organisations"][0]["identifiers"] = {"ror": "04h699437"}
    case["actors"] = []
    write_package(tmp_path / "p", type(shipped)(shipped.manifest, {**shipped.members, "case-studies": [case]}))
    with pytest.raises(CommandError, match="A ror belongs to one organisation"):
        call_command("load_evidence", tmp_path / "p", verbosity=0)


@pytest.mark.django_db
def test_the_form_takes_pasted_identifiers_and_refuses_mistyped_ones(person, browser_of):
    desk = browser_of(person("somebody", "steward"))
    address = reverse("admin:casestudies_organisation_add")
    form = {"name": "Leicester", "slug": "leicester", "type": "university", "ror": "https://ror.org/04h699437"}
    form |= {f"{rows}-{name}_FORMS": "0" for rows in ("successors", "members") for name in ("TOTAL", "INITIAL")}
    desk.post(address, form)
    assert Organisation.objects.get(slug="leicester").ror == "04h699437"
    refused = desk.post(address, {**form, "slug": "other", "ror": "04h699438", "ods": "rwe!"})
    assert "last two digits do not fit" in refused.content.decode()
    assert "no ODS code" in refused.content.decode()
    with pytest.raises(ValidationError, match="mistyped"):
        Organisation(slug="x", name="X", type="x", ror="04h699438").full_clean()


SAME = [
    (("Ofsted", ""), ("OFSTED ", "")),
    (("HMP Birmingham", ""), ("HM Prison Birmingham", "")),
    (("Wakefield City Academies Trust", "Wakefield"), ("The Wakefield City Academies Trust", "Wakefield")),
    (("Care Quality Commission", ""), ("CQC", "")),
    (("G4S plc", ""), ("G4S", "")),
    (("Department for Education", ""), ("Department of Education", "")),
    (("St Mary's Hospital", "Leeds"), ("Saint Marys Hospital", "Leeds")),
    (("Greater Manchester Police", ""), ("Greater Manchster Police", "")),
]
DIFFERENT = [
    (("HMP Birmingham", ""), ("HMP Bristol", "")),
    (("St Mary's Hospital", "Leeds"), ("St Mary's Hospital", "London")),
    (("NHS England", ""), ("NHS Improvement", "")),
    (("Academy 2", ""), ("Academy 3", "")),
    (("Ministry of Justice", ""), ("Department of Justice", "")),
    (("Ofsted", ""), ("Ofqual", "")),
    (("Northern Care Alliance", ""), ("Northern Rail", "")),
]


@pytest.mark.parametrize(("pair", "expected"), [(each, True) for each in SAME] + [(each, False) for each in DIFFERENT])
def test_names_of_one_organisation_are_alike_and_of_two_are_not(pair, expected):
    rows = [Organisation(pk=number, name=name, place=place) for number, (name, place) in enumerate(pair)]
    assert bool(likely_organisation_pairs(rows)) == expected


def test_different_identifiers_make_two_organisations():
    rows = [Organisation(pk=1, name="The Ridings", urn="100001"), Organisation(pk=2, name="Ridings", urn="100002")]
    assert not likely_organisation_pairs(rows)
    rows[1].urn = ""
    assert likely_organisation_pairs(rows)[0][2] >= LIKELY_SAME_ORGANISATION


@pytest.fixture
def two(db):
    return organisation("Zebra Trust", place="Leeds"), organisation("The Zebra Trust", ods="ZZ9")


def test_every_pointer_to_an_organisation_is_known():
    known = {f"{field.model.__name__}.{field.name}" for field in foreign_keys_to(Organisation)}
    assert known == {
        "Involvement.organisation",
        "Actor.organisation",
        "Succession.successor",
        "Membership.member",
        "SourceRecommendation.made_by",
        *(f"{part}.body" for part in ("Addressee", "Response", "Action", "Judgement", "Reply")),
    }


def test_merging_moves_involvement_and_actors_and_is_in_the_history(two, researcher):
    keep, lose = two
    both, other = factories.case(), factories.case()
    Involvement.objects.create(case=both, organisation=keep)
    Involvement.objects.create(case=both, organisation=lose, position=1)
    Involvement.objects.create(case=other, organisation=lose)
    Actor.objects.create(case=other, name="The trust", role="provider", organisation=lose)
    gone = lose.pk
    merged = merge_records(keep=keep, lose=lose, by=researcher, fields=FIELDS, values={"ods": "ZZ9"}, note="One body.")
    assert not Organisation.objects.filter(pk=gone).exists()
    assert set(CaseStudy.objects.filter(organisations=keep)) == {both, other}
    assert both.involvements.count() == 1
    assert other.actors.get().organisation == keep
    assert (keep.ods, keep.place) == ("ZZ9", "Leeds")
    assert merged.moved.total() == 2
    change = Change.objects.filter(key=f"casestudies_organisation:{gone}").last()
    assert (change.operation, change.by, change.reason) == ("delete", researcher, "One body.")


def test_a_published_organisation_never_goes(two, researcher):
    seen = Organisation.objects.filter(state="published").first()
    with pytest.raises(CannotMerge, match="is published"):
        merge_records(keep=two[0], lose=seen, by=researcher, fields=FIELDS)
    with pytest.raises(CannotMerge, match="organisation cannot be merged with itself"):
        merge_records(keep=seen, lose=seen, by=researcher, fields=FIELDS)
    with pytest.raises(CannotMerge, match="say why"):
        merge_records(keep=seen, lose=two[0], by=researcher, fields=FIELDS, values={"place": "Leeds"})


@pytest.mark.slow
def test_a_steward_finds_merges_and_sets_apart(two, person, browser_of):
    desk = browser_of(person("somebody", "steward"))
    keep, lose = two
    listed = reverse("admin:casestudies_organisation_duplicates")
    assert listed in desk.get(reverse("admin:casestudies_organisation_changelist")).content.decode()
    assert lose.slug in desk.get(listed).content.decode()
    desk.post(listed, {"one": keep.pk, "other": lose.pk})
    desk.get(listed)
    assert lose.slug not in desk.get(listed).content.decode()
    assert OrganisationsApart.objects.count() == 1
    address = reverse("admin:casestudies_organisation_merge", args=[keep.pk, lose.pk])
    assert "ZZ9" in desk.get(address).content.decode()
    desk.post(address, {"field-ods": "lose", "note": "One body."})
    keep.refresh_from_db()
    assert keep.ods == "ZZ9"


@pytest.mark.slow
@pytest.mark.parametrize("role", ["reviewer", "publisher"])
def test_others_neither_see_nor_merge(role, two, person, browser_of):
    desk = browser_of(person("somebody", role))
    for name, args in (("merge", [two[0].pk, two[1].pk]), ("duplicates", [])):
        address = reverse(f"admin:casestudies_organisation_{name}", args=args)
        assert (desk.get(address).status_code, desk.post(address).status_code) == (403, 403)
    assert "Find duplicates" not in desk.get(reverse("admin:casestudies_organisation_changelist")).content.decode()


@pytest.mark.django_db
def test_no_two_of_the_shipped_organisations_are_taken_for_one():
    assert [
        (str(one), str(other)) for one, other, _, _ in likely_organisation_pairs(Organisation.objects.order_by("pk"))
    ] == []
