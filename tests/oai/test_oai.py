"""OAI-PMH: every verb, every refusal, and harvests by somebody else's harvester while others publish."""

import datetime as dt
import re
import threading
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import BadArgument, BadResumptionToken, IdDoesNotExist, NoRecordsMatch

from casestudies.models import CaseStudy
from failure_lessons.accounts.models import User
from failure_lessons.feeds.oai import protocol
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from tests import factories
from tests.helpers import count_queries

OAI = {
    "o": "http://www.openarchives.org/OAI/2.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "d": "http://datacite.org/schema/kernel-4",
    "od": "http://schema.datacite.org/oai/oai-1.1/",
}
SAFE = etree.XMLParser(resolve_entities=False, no_network=True)


def ask(client, *pairs, method="get", **given):
    """The parsed answer; the frame that every answer must have is checked."""
    arguments = [*pairs, *((name.rstrip("_"), value) for name, value in given.items())]
    query = "&".join(f"{name}={value}" for name, value in arguments)
    answer = (
        client.get(f"/oai?{query}")
        if method == "get"
        else client.post("/oai", query, content_type="application/x-www-form-urlencoded")
    )
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/xml; charset=UTF-8"
    root = etree.fromstring(answer.content, SAFE)
    assert [etree.QName(child).localname for child in root][:2] == ["responseDate", "request"]
    assert len(root) == 3
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", root.findtext("o:responseDate", namespaces=OAI))
    assert root.findtext("o:request", namespaces=OAI) == "http://testserver/oai"
    return root


def code(root):
    error = root.find("o:error", OAI)
    assert error is not None, etree.tostring(root)[:2000]
    assert error.text
    return error.get("code")


def number_of(addresses):
    """The number of the edition that one of these addresses is ours for."""
    return next(found[1] for each in addresses if (found := re.search(r"/(v[0-9]+/)$", each)))[1:]


def identifiers(root):
    return [each.text for each in root.iterfind(".//o:header/o:identifier", OAI)]


def oai_id(edition):
    return f"oai:{settings.REPOSITORY_DOMAIN}:{edition.kind}/{edition.record_id}"


@pytest.mark.django_db
def test_identify_says_what_the_protocol_asks_for(client):
    root = ask(client, verb="Identify")
    about = {etree.QName(child).localname: child.text for child in root[2]}
    assert list(about)[:7] == [
        "repositoryName",
        "baseURL",
        "protocolVersion",
        "adminEmail",
        "earliestDatestamp",
        "deletedRecord",
        "granularity",
    ]
    assert about["deletedRecord"] == "persistent"
    assert about["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
    assert about["protocolVersion"] == "2.0"
    assert about["earliestDatestamp"] <= f"{LedgerEntry.objects.get(number=1).at:%Y-%m-%dT%H:%M:%SZ}"
    assert root.find("o:request", OAI).get("verb") == "Identify"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=%00", "badVerb"),
        ("verb=Identify&set=kind", "badArgument"),
        ("verb=Identify&=x", "badArgument"),
        ("verb=GetRecord", "badArgument"),
        ("verb=GetRecord&identifier=x", "badArgument"),
        ("verb=GetRecord&identifier=x&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=GetRecord&identifier=x&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=GetRecord&identifier=%00&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListMetadataFormats&identifier=oai:x:lesson/1", "idDoesNotExist"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&limit=3", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-25T09:30:00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-25T09:30:00.5Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-25&until=2026-11-25T09:30:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-26&until=2026-11-25", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a b", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=%25", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=nothing", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=theme:nothing", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=action-kind:process", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=9999-12-31", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=0001-01-01", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=x&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListSets&set=kind", "badArgument"),
    ],
)
def test_every_refusal_has_the_code_of_the_protocol(client, arguments, expected):
    pairs = [tuple(pair.partition("=")[::2]) for pair in arguments.split("&") if pair]
    for method in ("get", "post"):
        root = ask(client, *pairs, method=method)
        assert code(root) == expected
        if expected in {"badVerb", "badArgument"}:
            assert not root.find("o:request", OAI).attrib


@pytest.mark.django_db
def test_the_extremes_of_time_are_answered(client):
    whole = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", from_="0001-01-01", until="9999-12-31")
    assert len(identifiers(whole)) == protocol.ITEMS_PER_ANSWER


@pytest.mark.django_db
def test_get_and_post_answer_the_same_and_nothing_else_is_allowed(client):
    for method in ("get", "post"):
        root = ask(client, verb="ListMetadataFormats", method=method)
        assert [each.text for each in root.iterfind(".//o:metadataPrefix", OAI)] == ["oai_dc", "oai_datacite"]
    assert client.put("/oai").status_code == 405


@pytest.mark.slow
@pytest.mark.django_db
def test_every_record_is_given_in_both_formats(client):
    for kind in KINDS.values():
        edition = Edition.objects.current().of_kind(kind.code).first()
        if edition is None and kind.code == "consultation-round":  # none has been held
            continue
        root = ask(client, verb="GetRecord", identifier=oai_id(edition), metadataPrefix="oai_dc")
        assert edition.title in root.findtext(".//dc:title", namespaces=OAI)
        page, *_ = root.xpath(".//dc:identifier[starts-with(., 'http://testserver/')]/text()", namespaces=OAI)
        assert client.get(page).status_code == 200
        root = ask(client, verb="GetRecord", identifier=oai_id(edition), metadataPrefix="oai_datacite")
        payload = root.find(".//od:oai_datacite/od:payload/d:resource", OAI)
        assert edition.title in payload.findtext("d:titles/d:title", namespaces=OAI)
        assert payload.find("d:identifier", OAI).get("identifierType")
        specs = [each.text for each in root.iterfind(".//o:setSpec", OAI)]
        assert f"kind:{kind.code}" in specs
        assert len(specs) == len(set(specs))


@pytest.mark.slow
@pytest.mark.django_db
def test_sets_are_nested_and_every_listed_set_holds_what_its_terms_say(client):
    specs = [each.text for each in ask(client, verb="ListSets").iterfind(".//o:setSpec", OAI)]
    assert len(specs) == len(set(specs))
    for spec in specs:
        assert spec.partition(":")[0] in specs
        root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec)
        name, _, rest = spec.partition(":")
        if name == "kind":
            wanted = Edition.objects.current().filter(kind=rest) if rest else Edition.objects.current()
        elif rest:
            wanted = Edition.objects.current().matching([spec])
        else:
            wanted = Edition.objects.current().filter(
                pk__in=[e.pk for e in Edition.objects.current() if any(t.startswith(f"{name}:") for t in e.terms)]
            )
        if not wanted:
            assert code(root) == "noRecordsMatch"
            continue
        token = root.find(".//o:resumptionToken", OAI)
        size = int(token.get("completeListSize")) if token is not None else len(identifiers(root))
        assert size == wanted.count(), spec


@pytest.mark.django_db
def test_a_withdrawn_record_stays_as_deleted_without_its_words(client, researcher, publisher):
    case = factories.case(title="Quokkatitle")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    edition = Edition.objects.get(record_id=case.record_id)
    withdraw_record(record=case, by=publisher, note="Why.")
    for verb, given in (("GetRecord", {"identifier": oai_id(edition)}), ("ListRecords", {"set": "kind:case-study"})):
        root = ask(client, verb=verb, metadataPrefix="oai_dc", **given)
        header = next(each for each in root.iterfind(".//o:header", OAI) if each[0].text == oai_id(edition))
        assert header.get("status") == "deleted"
        assert header.getnext() is None
        assert "Quokkatitle" not in etree.tostring(root).decode()
    moment = LedgerEntry.objects.filter(action="withdrawn").latest("number").at
    assert header.findtext("o:datestamp", namespaces=OAI) == f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.slow
@pytest.mark.django_db
def test_control_characters_cannot_break_an_answer(client, researcher, publisher):
    case = factories.case(title="Odd \x0b\x1f <title> ]]> &amp;")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    edition = Edition.objects.get(record_id=case.record_id)
    for name in ("oai_dc", "oai_datacite"):
        root = ask(client, verb="GetRecord", identifier=oai_id(edition), metadataPrefix=name)
        assert "Odd  <title> ]]> &amp;" in "".join(root.itertext())


def parts(client, verb="ListIdentifiers", between=lambda n: None, **given):
    """The answers of a whole list, `between` being called with the number of parts so far."""
    answers = [ask(client, verb=verb, **{"metadataPrefix": "oai_dc", **given})]
    while (token := answers[-1].find(".//o:resumptionToken", OAI)) is not None and token.text:
        between(len(answers))
        answers.append(ask(client, verb=verb, resumptionToken=token.text))
    return answers


@pytest.mark.django_db
def test_a_list_in_parts_holds_every_record_once_and_says_how_long_it_is(client):
    answers = parts(client)
    found = [each for root in answers for each in identifiers(root)]
    assert len(answers) > 3
    assert sorted(found) == sorted(oai_id(edition) for edition in Edition.objects.current())
    tokens = [root.find(".//o:resumptionToken", OAI) for root in answers]
    assert [int(token.get("cursor")) for token in tokens] == list(range(0, len(found), protocol.ITEMS_PER_ANSWER))
    assert {int(token.get("completeListSize")) for token in tokens} == {len(found)}
    assert [bool(token.text) for token in tokens] == [True] * (len(tokens) - 1) + [False]
    assert all(token.get("expirationDate") is None for token in tokens)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_token_answers_the_same_again_whatever_happened_meanwhile(client, researcher, publisher):
    first = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")
    token = first.findtext(".//o:resumptionToken", namespaces=OAI)
    before = identifiers(ask(client, verb="ListIdentifiers", resumptionToken=token))
    assert len(before) == protocol.ITEMS_PER_ANSWER
    for number in range(3):
        case = factories.case(title=f"Meanwhile {number}")
        submit_record(record=case, by=researcher)
        publish_record(record=case, by=publisher)
    assert identifiers(ask(client, verb="ListIdentifiers", resumptionToken=token)) == before
    assert code(ask(client, verb="ListRecords", resumptionToken=token)) == "badResumptionToken"
    assert code(ask(client, verb="ListIdentifiers", resumptionToken=token[:-1] + "x")) == "badResumptionToken"


@pytest.mark.slow
@pytest.mark.django_db
def test_a_record_changed_during_a_harvest_comes_once_now_and_again_with_the_next(client, researcher, publisher):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    edition = Edition.objects.current().get(record_id=case.record_id)
    gone = CaseStudy.objects.exclude(pk=case.pk).first()

    def change(number):
        if number == 1:
            case.title = "Changed meanwhile"
            case.save()
            submit_record(record=case, by=researcher)
            publish_record(record=case, by=publisher)
            withdraw_record(record=gone, by=publisher, note="Why.")

    whole = {oai_id(each) for each in Edition.objects.current()}
    started = LedgerEntry.objects.head()
    answers = parts(client, between=change)
    found = [each for root in answers for each in identifiers(root)]
    assert sorted(found) == sorted(whole)
    deleted = {header[0].text for root in answers for header in root.iterfind(".//o:header[@status='deleted']", OAI)}
    withdrawn = Edition.objects.filter(record_id=gone.record_id).first()
    assert oai_id(withdrawn) in deleted
    stamp = answers[0].findtext("o:responseDate", namespaces=OAI)
    following = {each for root in parts(client, from_=stamp) for each in identifiers(root)}
    changed = {
        oai_id(revision.edition) for revision in LedgerEntry.objects.after(started.number).select_related("edition")
    }
    assert {oai_id(edition), oai_id(withdrawn)} <= changed
    assert changed <= following


@pytest.mark.django_db
def test_cost_does_not_grow_with_records(client, monkeypatch):
    def queries():
        return count_queries(ask, client, verb="ListRecords", metadataPrefix="oai_datacite")

    many = queries()
    monkeypatch.setattr(protocol, "ITEMS_PER_ANSWER", 2)
    assert queries() == many == 4


# By somebody else's harvester, against a real server


@pytest.fixture
def door(committed, site):
    """The harvesting address of a live server."""
    return f"{site}/oai"


@pytest.fixture
def short(monkeypatch):
    """Parts of 40, so that a harvest takes many."""
    monkeypatch.setattr(protocol, "ITEMS_PER_ANSWER", 40)


def harvester_of(door, **options):
    """A harvester that keeps no connection open, so that the server can end."""
    return Sickle(door, headers={"Connection": "close"}, timeout=60, **options)


@contextmanager
def publishing_meanwhile():
    """Somebody publishes, edits and withdraws for as long as this lasts."""
    writer, other = (User.objects.get_or_create(username=name)[0] for name in ("writer-c", "one-c"))
    stop, failures, made = threading.Event(), [], []

    def work():
        try:
            while not stop.is_set():
                case = factories.case(title=f"Harvested meanwhile {len(made)}")
                submit_record(record=case, by=writer)
                publish_record(record=case, by=other)
                case.title += " again"
                case.save()
                submit_record(record=case, by=writer)
                publish_record(record=case, by=other)
                made.append(case)
                if len(made) % 3 == 0:
                    withdraw_record(record=made[-2], by=other, note="Why.")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        thread.join(timeout=60)
        assert not failures


@pytest.mark.slow
def test_sickle_harvests_everything_through_many_tokens(door, short):
    harvester = harvester_of(door)
    assert harvester.Identify().deletedRecord == "persistent"
    assert {each.metadataPrefix for each in harvester.ListMetadataFormats()} == {"oai_dc", "oai_datacite"}
    assert "kind:recommendation" in {each.setSpec for each in harvester.ListSets()}
    whole = {oai_id(each) for each in Edition.objects.current()}
    records = list(harvester.ListRecords(metadataPrefix="oai_dc"))
    assert all(record.metadata["title"] for record in records if not record.deleted)
    headers = list(harvester_of(door, http_method="POST").ListIdentifiers(metadataPrefix="oai_dc"))
    for listed in ([record.header for record in records], headers):
        assert len(listed) == len({header.identifier for header in listed})
        assert {header.identifier for header in listed if not header.deleted} == whole
    recommendations = list(harvester.ListRecords(metadataPrefix="oai_datacite", set="kind:recommendation"))
    assert len([r for r in recommendations if not r.deleted]) == (
        Edition.objects.current().of_kind("recommendation").count()
    )
    with pytest.raises(BadArgument):
        harvester.ListRecords(metadataPrefix="oai_dc", until="soon")
    with pytest.raises(BadResumptionToken):
        harvester.ListRecords(resumptionToken="soon")
    with pytest.raises(IdDoesNotExist):
        harvester.GetRecord(identifier="soon", metadataPrefix="oai_dc")
    with pytest.raises(NoRecordsMatch):
        harvester.ListRecords(metadataPrefix="oai_dc", **{"from": "2999-01-01"})


@pytest.mark.slow
def test_a_harvester_that_comes_back_holds_exactly_the_library_though_others_publish(door, short):
    """First a full harvest, then from where the last one began, again and again, while somebody publishes."""
    held, harvester = {}, harvester_of(door)
    since = None
    with publishing_meanwhile() as made:
        while len(made) < 6:
            since = harvest(harvester, held, since)
    moment = harvest(harvester, held, since)
    assert moment >= since
    expected = {}
    for revision in LedgerEntry.objects.select_related("edition").order_by("number"):
        expected[oai_id(revision.edition)] = (
            "deleted" if revision.action == "withdrawn" else f"v{revision.edition.number}/"
        )
    assert held == expected


def harvest(harvester, held, since):
    """One harvest from `since`; returns the moment to come back with. Nothing may come twice within it."""
    given = {"from": since} if since else {}
    seen = set()
    first = harvester.harvest(verb="Identify").xml.findtext("o:responseDate", namespaces=OAI)
    try:
        for record in harvester.ListRecords(metadataPrefix="oai_dc", **given):
            name = record.header.identifier
            assert name not in seen
            seen.add(name)
            held[name] = "deleted" if record.deleted else number_of(record.metadata["identifier"])
            if not record.deleted:
                held[name] = f"v{held[name]}"
    except NoRecordsMatch:
        pass
    return first


@pytest.mark.slow
def test_from_and_until_cut_by_the_second(door, committed):
    writer, other = (User.objects.get_or_create(username=name)[0] for name in ("writer-c", "one-c"))
    case = factories.case(title="Cut by the second")
    submit_record(record=case, by=writer)
    edition = publish_record(record=case, by=other)[-1]
    at = edition.published_at.replace(microsecond=0)
    harvester = harvester_of(door)

    def listed(**given):
        try:
            return {each.identifier for each in harvester.ListIdentifiers(metadataPrefix="oai_dc", **given)}
        except NoRecordsMatch:
            return set()

    second = dt.timedelta(seconds=1)
    stamp = "{:%Y-%m-%dT%H:%M:%SZ}".format
    assert oai_id(edition) in listed(**{"from": stamp(at), "until": stamp(at)})
    assert oai_id(edition) not in listed(**{"from": stamp(at + second)})
    assert oai_id(edition) not in listed(until=stamp(at - second))
    assert oai_id(edition) in listed(**{"from": f"{at:%Y-%m-%d}", "until": f"{at:%Y-%m-%d}"})
