"""Evidence packages in and out."""

import copy
import json
import re
import weakref

import pytest
from django.core.management import call_command
from django.db.models.signals import post_init

from casestudies.models import CaseStudy
from failure_lessons.packages import exchange
from failure_lessons.packages.exchange import CannotOverwrite, LibraryPackage, export_package, load_package
from failure_lessons.packages.format import Package, encode_content, read_package, write_package
from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.dependencies import list_evidence, list_gone_evidence
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from literature.models import Reference
from tests.conftest import EVIDENCE, publish_shipped
from tests.examples import some_of

pytestmark = pytest.mark.django_db

RESTING = ("comparison", "lessons", "recommendations", "situations")  # on the findings of cases
OF_FORM = ("quotation", "locator")


def hashes():
    return dict(Edition.objects.current().values_list("kind", "slug", "sha256").values_list("slug", "sha256"))


def test_the_shipped_evidence_is_published():
    counts = {}
    for kind in Edition.objects.current().values_list("kind", flat=True):
        counts[kind] = counts.get(kind, 0) + 1
    assert counts == {
        "theme": 22,
        "organisation": 54,
        "source-recommendation": 54,
        "follow-up": 72,
        "reference": 447,
        "glossary-term": 55,
        "finding": 71,
        "literature-review": 3,
        "case-study": 6,
        "comparison": 1,
        "lesson": 12,
        "recommendation": 18,
        "situation": 13,
        "consultation-template": 1,
    }


def count_entries(package):
    return sum(map(len, package.members.values()))


@pytest.mark.slow
def test_loading_again_changes_nothing(shipped):
    before = set(Edition.objects.values_list("pk", "sha256"))
    edited = CaseStudy.objects.order_by("pk").values_list("pk", "edited_at")
    report = publish_shipped(shipped)
    assert report.unchanged.total() == count_entries(shipped) > 500
    assert not report.created
    assert not report.changed
    assert not report.editions
    assert set(Edition.objects.values_list("pk", "sha256")) == before
    assert list(CaseStudy.objects.order_by("pk").values_list("pk", "edited_at")) == list(edited)


@pytest.mark.slow
def test_export_and_load_into_an_empty_database_gives_the_same_documents(tmp_path, shipped):
    before = set(Edition.objects.current().values_list("kind", "slug", "document", "sha256"))
    write_package(tmp_path / "out", export_package())
    empty_everything()
    assert not Edition.objects.exists()
    report = publish_shipped(read_package(tmp_path / "out"))
    assert report.created.total() == count_entries(shipped) > 500
    assert set(Edition.objects.current().values_list("kind", "slug", "document", "sha256")) == before


def empty_everything():
    """Empty the tables of this transaction as a new database would be."""
    from django.apps import apps
    from django.db import connection

    tables = [
        model._meta.db_table
        for app in ("publishing", "recommendations", "casestudies", "literature", "vocabularies", "accounts")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        # a reader's limit holds to the end of the transaction, and an automatic vacuum gives way after a second only
        cursor.execute("set local lock_timeout = '30s'")
        cursor.execute(f"truncate {', '.join(tables)} cascade")
        cursor.execute("set constraints all deferred")  # as every transaction begins


@pytest.mark.slow
def test_a_changed_entry_makes_new_editions_only_where_needed(shipped):
    package = copy.deepcopy(shipped)
    package["lessons"][0]["statement"] += " Altered."
    report = publish_shipped(package)
    assert dict(report.changed) == {"lessons": 1}
    assert [edition.kind for edition in report.editions] == ["lesson"]


def part_of(package, *members):
    """A package of these members alone."""
    return Package(package.manifest, {name: package.members[name] for name in members})


def without_words(package):
    """The package as an older one would have been: what it cites is without the very words and their places.

    In two cases and one review, with the lessons and recommendations that rest on them; everywhere in long trials.
    """

    def strip(value):
        if isinstance(value, dict):
            cites = "ref" in value
            return {name: strip(each) for name, each in value.items() if not (cites and name in OF_FORM)}
        return [strip(each) for each in value] if isinstance(value, list) else value

    older = copy.deepcopy(package)
    for name, number in (("case-studies", 2), ("literature-reviews", 1)):
        for entry in some_of(older.members[name], number):
            entry.update(strip(entry))
    return older


def words_shown(client, kind):
    """How many quotations, each after its place in the source, pages of records of a kind show."""
    records = some_of(Edition.objects.current().of_kind(kind).order_by("sort_key"), 2)
    pages = [client.get(each.get_absolute_url()).content.decode() for each in records]
    return sum(len(re.findall(r"<blockquote> ?<p>“[^”]+”", squeeze_text(page))) for page in pages)


def squeeze_text(page):
    """A page on one line."""
    return " ".join(page.split())


@pytest.mark.slow
def test_better_citations_reach_readers_of_what_rests_on_them_without_alarm(shipped, client):
    kinds = ("lesson", "recommendation")
    full = {kind: words_shown(client, kind) for kind in kinds}
    cited = part_of(shipped, "case-studies", "literature-reviews")  # what stands in the others stays as it is
    publish_shipped(without_words(cited))
    assert all(words_shown(client, kind) < full[kind] for kind in kinds)
    report = publish_shipped(cited)
    assert {kind: words_shown(client, kind) for kind in kinds} == full
    assert {each.change for each in report.editions if each.kind in ("finding", *kinds)} == {ChangeKind.FORM}
    assert not Edition.objects.current().exclude(evidence_changed_at=None).exists()
    assert not list(find_ledger_faults())


@pytest.mark.slow
def test_a_package_with_other_findings_brings_its_own_lessons_along(shipped):
    older = copy.deepcopy(shipped)
    for case in some_of(older.members["case-studies"], 2):
        for finding in case["findings"]:
            finding["statement"] += " As we then thought."
    publish_shipped(part_of(older, "case-studies"))
    assert Edition.objects.current().exclude(evidence_changed_at=None).of_kind("lesson").exists()
    publish_shipped(part_of(shipped, "case-studies", *RESTING))
    assert not Edition.objects.current().exclude(evidence_changed_at=None).exists()
    current = Edition.objects.current().of_kind("lesson", "recommendation")
    assert not list_gone_evidence(each.pk for each in current)


@pytest.mark.slow
def test_unpublished_work_is_not_overwritten(shipped, researcher):
    CaseStudy.objects.filter(slug="hmp-birmingham").update(title="A researcher's new title")
    package = part_of(shipped, "case-studies")
    with pytest.raises(CannotOverwrite, match="case-study hmp-birmingham"):
        load_package(package, by=researcher)
    assert CaseStudy.objects.get(slug="hmp-birmingham").title == "A researcher's new title"
    load_package(package, by=researcher, overwrite=True)
    assert CaseStudy.objects.get(slug="hmp-birmingham").title.startswith("HMP Birmingham")


@pytest.mark.slow
def test_what_is_in_review_is_not_loaded_over(shipped, researcher, publisher):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    CaseStudy.objects.filter(pk=case.pk).update(title="A researcher's new title")
    case.refresh_from_db()
    submit_record(record=case, by=researcher)
    for overwrite in (False, True):
        with pytest.raises(CannotOverwrite, match=r"in review: case-study hmp-birmingham\. Publish it, or return it"):
            load_package(part_of(shipped, "case-studies"), by=researcher, publisher=publisher, overwrite=overwrite)
    case.refresh_from_db()
    assert (case.state, case.title) == ("in-review", "A researcher's new title")


@pytest.mark.slow
def test_running_again_keeps_what_people_have_edited_since(researcher, publisher, capsys):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title = "Edited and published"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    CaseStudy.objects.filter(slug="hackney-learning-trust").update(title="Edited, a draft")
    call_command("load_evidence", str(EVIDENCE), publish=True, if_empty=True)
    assert "nothing was loaded" in capsys.readouterr().out
    assert Edition.objects.current().get(kind="case-study", slug="hmp-birmingham").title == "Edited and published"
    assert CaseStudy.objects.get(slug="hackney-learning-trust").title == "Edited, a draft"


def test_export_holds_no_unpublished_word(shipped):
    CaseStudy.objects.filter(slug="hmp-birmingham").update(title="ZEBRADRAFT")
    Reference.objects.create(slug="zebra", type="report", title="ZEBRADRAFT")
    assert "ZEBRADRAFT" not in str(list(export_package().files()))


@pytest.mark.slow
def test_the_library_as_files_stands_in_memory_a_few_records_at_a_time(monkeypatch):
    monkeypatch.setattr(exchange, "EXPORT_CHUNK_ROWS", 3)
    alive, most, texts = weakref.WeakSet(), 0, {}

    def note(instance, **_):
        alive.add(instance)

    post_init.connect(note, sender=Edition)
    try:
        for name, content in LibraryPackage().files():
            texts[name] = ""
            for text in encode_content(content):
                texts[name] += text
                most = max(most, len(alive))
    finally:
        post_init.disconnect(note, sender=Edition)
    assert 0 < most < 40
    whole = dict(export_package().files())
    assert texts == {name: json.dumps(each, indent=2, ensure_ascii=False) + "\n" for name, each in whole.items()}


def test_every_statement_resolves_to_a_reference():
    references = set(Edition.objects.current().of_kind("reference").values_list("slug", flat=True))
    statements = 0
    for edition in Edition.objects.current().of_kind("finding"):
        sources = edition.content["sources"]
        assert sources
        assert {item["ref"] for item in sources} <= references
        statements += 1
    for edition in Edition.objects.current().of_kind("case-study"):
        for item in edition.content["events"] + edition.content["interventions"] + edition.content["indicators"]:
            assert {each["ref"] for each in item["sources"]} <= references
            statements += 1
    assert statements == 71 + 114 + 46 + 29


def test_every_recommendation_reaches_a_reference_by_its_pins():
    for edition in Edition.objects.current().of_kind("recommendation"):
        kinds = {pinned.kind for pinned in list_evidence(edition)}
        assert {"lesson", "finding", "reference"} <= kinds
