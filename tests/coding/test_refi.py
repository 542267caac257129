"""REFI-QDA: what other programs export comes in as drafts, leaves as it came, and hostile files change nothing."""

import io
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pyrefiqda import RefiCodebook, RefiProject

from failure_lessons.coding.checking import find_quotation_faults
from failure_lessons.coding.models import Code, Coding, QdaImport, Quotation, SourceDocument
from failure_lessons.coding.refi.importing import CannotImportQda, finish_qda, import_project, plan_import, stage_qda
from failure_lessons.coding.refi.reading import ReadCode, ReadCoding, ReadProject, ReadSelection, ReadSource, read_qda
from failure_lessons.coding.refi.writing import codebook_file, project_file
from failure_lessons.coding.services import code_quotation, quote_words
from failure_lessons.files.archives import Archive, CannotOpen
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference
from tests import factories
from tests.coding import files
from tests.examples import examples

pytestmark = pytest.mark.django_db
A, B, C, S, Q1, Q2, K1, K2, K3, U = (str(uuid.UUID(int=number + 2**96)) for number in range(10))
TEXT = "Erste Zeile 😀.\r\nStaff were afraid.\r\nNobody was told."
STAFF = TEXT.index("Staff")


def codes():
    return (
        f'<Codes><Code guid="{A}" name="Culture" isCodable="true" color="#FF0000"><Description>How it felt.\nDaily.'
        f'</Description><Code guid="{B}" name="Fear &amp; blame" isCodable="true"/></Code>'
        f'<Code guid="{{{C.upper()}}}" name="Folder" isCodable="false"/></Codes>'
    )


def qdc(inner=None):
    inner = codes() if inner is None else inner
    return (
        f'<?xml version="1.0" encoding="utf-8"?><CodeBook xmlns="urn:QDA-XML:codebook:1.0">{inner}</CodeBook>'.encode()
    )


def selection(guid=Q1, start=STAFF, end=STAFF + 18, inside=None):
    inside = (
        f'<Coding guid="{K1}" creatingUser="{U}"><CodeRef targetGUID="{B}"/></Coding>' if inside is None else inside
    )
    return (
        f'<PlainTextSelection guid="{guid}" name="x" startPosition="{start}" endPosition="{end}" creatingUser="{U}" '
        f'creationDateTime="2020-01-02T03:04:05Z"><Description>A memo.</Description>{inside}</PlainTextSelection>'
    )


def qde(selections=None, sources=None):
    selections = selection() if selections is None else selections
    sources = (
        sources
        if sources is not None
        else (
            f'<TextSource guid="{S}" name="Interview 1" plainTextPath="internal://{S}.txt"><Description>Head.</Description>'
            f"{selections}</TextSource>"
        )
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><Project xmlns="urn:QDA-XML:project:1.0" name="Schools" origin="X">'
        f'<Users><User guid="{U}" name="Ada"/></Users><CodeBook>{codes()}</CodeBook><Sources>{sources}</Sources></Project>'
    )


def qdpx(inner=None, text=None, **more):
    parts = {
        "project.qde": qde() if inner is None else inner,
        f"Sources/{S}.txt": TEXT.encode() if text is None else text,
    }
    return files.archive({**parts, **more})


def taken(data, by, **options):
    return finish_qda(staged=stage_qda(name="study.qdpx", data=data, by=by), by=by, **options)


def counted():
    return [model.objects.count() for model in (Theme, Code, SourceDocument, Quotation, Coding, Reference, QdaImport)]


def test_a_codebook_becomes_draft_themes_with_its_hierarchy(coder):
    there = factories.theme(label="culture")
    assert taken(qdc(), coder) == {"themes": 2, "codes": 3, "documents": 0, "quotations": 0, "codings": 0}
    culture, fear, folder = (Code.objects.get(guid=guid) for guid in (A, B, C))
    assert culture.theme == there
    assert (culture.colour, culture.description, folder.codable) == ("#FF0000", "How it felt.\nDaily.", False)
    assert (fear.parent, fear.theme.label, fear.theme.state) == (culture, "Fear & blame", "draft")
    assert "scope note is still to be written" in fear.theme.scope_note
    assert taken(qdc(), coder)["codes"] == 0
    assert Code.objects.count() == 3


def test_a_project_becomes_documents_quotations_and_codings(coder):
    result = taken(qdpx(), coder)
    assert (result["documents"], result["quotations"], result["codings"]) == (1, 1, 1)
    document = SourceDocument.objects.get(guid=S)
    assert (document.name, document.access, document.reference.state) == ("Interview 1", "private", "draft")
    assert document.file.text == TEXT.replace("\r\n", "\n")
    made = Quotation.objects.get(guid=Q1)
    assert (made.exact, made.note, made.made_at.year) == ("Staff were afraid.", "A memo.", 2020)
    coding = made.codings.get()
    assert (coding.theme.label, coding.coder, str(coding.guid)) == ("Fear & blame", "Ada", K1)
    assert not list(find_quotation_faults())


def test_a_text_goes_to_the_reference_that_was_chosen(coder):
    reference = factories.reference()
    taken(qdpx(), coder, references={S: reference.slug})
    assert SourceDocument.objects.get(guid=S).reference == reference


def test_nothing_is_taken_in_when_a_reference_is_not_there(coder):
    staged = stage_qda(name="x", data=qdpx(), by=coder)
    before = counted()
    with pytest.raises(CannotImportQda, match="no reference with the key"):
        finish_qda(staged=staged, by=coder, references={S: "no-such"})
    assert counted() == before


def test_line_ends_that_count_one_can_be_said(coder):
    start = TEXT.replace("\r\n", "\n").index("Staff")
    data = qdpx(qde(selection(start=start, end=start + 18)))
    assert "Staff were afraid." not in plan_import(read_qda(data)).sources[0].samples
    assert plan_import(read_qda(data, crlf_is_one=True)).sources[0].samples == ("Staff were afraid.",)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("inner", "problem"),
    [
        (qde(selection(start=40, end=4000)), "holds no words"),
        (qde(selection(start=9, end=9)), "holds no words"),
        (qde(selection(start="x", end="y")), "has no positions"),
        (qde(selection(start=-1, end=4)), "has no positions"),
        (qde(selection(guid="x")), "no GUID"),
        (qde(selection() + selection()), "no GUID of its own"),
        (qde(selection(inside=f'<Coding guid="{K1}"><CodeRef targetGUID="{K2}"/></Coding>')), "not in the codebook"),
        (
            qde(sources=f'<TextSource guid="{S}" name="x" plainTextPath="internal://../project.qde"/>'),
            "not in the archive",
        ),
        (qde(sources=f'<TextSource guid="{S}" name="x" plainTextPath="/etc/passwd"/>'), "not in the archive"),
        (qde(sources=f'<PictureSource guid="{S}" name="x"/>'), "is a picture"),
        (qde(sources=f'<PDFSource guid="{S}" name="x"/>'), "has no text"),
        (qde().replace('name="Folder"', 'name=" "'), "no name"),
        (qde().replace(B, A), "another code has"),
    ],
)
def test_a_faulty_row_is_named_and_left_out_and_the_rest_comes_in(inner, problem, coder):
    plan = plan_import(read_qda(qdpx(inner)))
    assert any(problem in each for each in plan.problems), plan.problems
    taken(qdpx(inner), coder)
    assert Code.objects.filter(guid=A).exists()
    assert not list(find_quotation_faults())


def test_a_text_in_another_character_set_is_left_out(coder):
    assert any("not UTF-8" in each for each in plan_import(read_qda(qdpx(text="Müde".encode("latin-1")))).problems)
    assert not plan_import(read_qda(qdpx(text=TEXT.encode("utf-16")))).problems


def hostile():
    sound = qdpx()
    yield "empty", b"", "empty"
    yield "text", b"A plain text.", "neither"
    yield "other xml", b"<a/>", "no REFI-QDA 1.0 codebook"
    yield "old namespace", qdc().replace(b":1.0", b":0.5"), "no REFI-QDA 1.0 codebook"
    yield "no codes", qdc(""), "no codes"
    yield "cut-off codebook", qdc()[:-30], "no well-formed XML"
    yield "wrong character set", qdc().replace(b"Culture", b"Cult\xfcre"), "no well-formed XML"
    yield "unknown character set", qdc().replace(b"utf-8", b"klingon"), "XML|character set"
    yield (
        "xxe",
        qdc(f"<Codes><Code guid='{A}' name='&f;'/></Codes>").replace(
            b"<CodeBook", b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><CodeBook"
        ),
        "entities",
    )
    yield "laughs", (files.LAUGHS + "<CodeBook>&c;</CodeBook>").encode(), "entities"
    yield "deep", qdc("<Codes>" + "<Code>" * 500 + "</Code>" * 500 + "</Codes>"), "deep"
    yield "inner file", qde().encode(), "inner file"
    yield "100 MB", b"<" + b" " * 100_000_001, "100 MB"
    yield "bomb", qdpx(**{"Sources/x.txt": files.bomb()}), "times its size"
    yield "truncated", sound[: len(sound) // 2], "damaged"
    yield "path", qdpx(**{"Sources/../../x": b"x"}), "leads elsewhere"
    yield "absolute", qdpx(**{"/etc/x": b"x"}), "leads elsewhere"
    yield "backslash", qdpx(**{"..\\x": b"x"}), "leads elsewhere"
    yield (
        "link",
        files.archive({"project.qde": qde(), "Sources/x.txt": b"/etc/passwd"}, links=["Sources/x.txt"]),
        "a link",
    )
    yield "no project", files.archive({"a.txt": b"x"}), "no project.qde"
    yield "two projects", qdpx(**{"other.qde": qde()}), "no project.qde"
    yield "project xxe", qdpx(files.XXE + "<Project>&f;</Project>"), "entities"
    yield "project laughs", qdpx(files.LAUGHS + "<Project>&c;</Project>"), "entities"
    yield "other project", qdpx("<Project/>"), "not REFI-QDA 1.0"
    yield "nothing", qdpx('<Project xmlns="urn:QDA-XML:project:1.0"/>'), "neither codes nor texts"
    broken = bytearray(sound)
    at = sound.index(b"project.qde") + 40
    broken[at : at + 20] = b"\xff" * 20
    yield "broken part", bytes(broken), "damaged"


@pytest.mark.slow
def test_a_hostile_file_is_refused_in_a_sentence_and_changes_nothing(coder, subtests):
    before = counted()
    for name, data, reason in hostile():
        with subtests.test(name):
            with pytest.raises(CannotOpen, match=reason):
                stage_qda(name="x.qdpx", data=data, by=coder)
            assert counted() == before


def test_an_archive_that_lies_of_its_size_is_refused(coder):
    data = bytearray(qdpx(**{"Sources/x.txt": b"y" * 5000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.rindex(mark)
        data[at + offset : at + offset + 4] = (10).to_bytes(4, "little")
    with pytest.raises(CannotOpen):
        archive_read(bytes(data))


def archive_read(data):
    found = Archive(data)
    return [found.read(name) for name in found]


def test_our_project_is_read_by_another_library(coder, document, tmp_path):
    taken(qdpx(), coder)
    made, theme = quote_words(document=document, words="Staff spoke of relief", by=coder), factories.theme(label="Own")
    code_quotation(quotation=made, themes=[theme], by=coder)
    (tmp_path / "p.qdpx").write_bytes(project_file(SourceDocument.objects.all()))
    project = RefiProject.load(tmp_path / "p.qdpx", str(tmp_path / "out"))
    sources = {each.name: each for each in project.sources.text_source}
    assert set(sources) == {"Interview 1", "notes.txt"}
    for source in sources.values():
        path = RefiProject.resolve_source_path(source.plain_text_path, tmp_path / "out")
        text = path.read_bytes().decode()
        for each in source.plain_text_selection:
            assert text[each.start_position : each.end_position] == Quotation.objects.get(guid=each.guid).exact
    own = sources["notes.txt"].plain_text_selection[0]
    assert own.coding[0].code_ref.target_guid == str(theme.record_id)
    assert [child.name for code in project.code_book.codes.code if code.guid == A for child in code.code] == [
        "Fear & blame"
    ]
    (tmp_path / "c.qdc").write_bytes(codebook_file())
    book = RefiCodebook.load(tmp_path / "c.qdc")
    assert {A, str(theme.record_id)} <= {code.guid for code in book.codes.code}


def test_a_private_document_leaves_with_nobody_who_may_not_read_it(document, coder, person, browser_of):
    quote_words(document=document, words="Staff spoke of relief", by=coder)
    address = reverse("admin:coding_coding_project")
    for desk, words in ((browser_of(coder), True), (browser_of(person("steward", "steward")), False)):
        with zipfile.ZipFile(io.BytesIO(desk.get(address).content)) as archive:
            assert any(b"relief" in archive.read(name) for name in archive.namelist()) == words


names = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
texts = st.text(st.sampled_from("ab é😀ﬁ\n<&\"'\t"), min_size=1, max_size=80).map(lambda text: f"x{text}y")


@st.composite
def projects(draw):
    """A project such as a reader gives it."""
    made = []
    for _ in range(draw(st.integers(1, 5))):
        parent = draw(st.sampled_from([None, *(code.guid for code in made)]))
        made.append(
            ReadCode(draw(st.uuids()), draw(names), draw(names | st.just("")), "#00ff00", draw(st.booleans()), parent)
        )
    order = []  # as a reader meets them: parents before children, each followed by what lies below it

    def below(parent):
        for code in made:
            if code.parent == parent:
                order.append(code)
                below(code.guid)

    below(None)
    sources = []
    for number in range(draw(st.integers(0, 2))):
        text, chosen = draw(texts), []
        for _ in range(draw(st.integers(0, 3))):
            start = draw(st.integers(0, len(text) - 1))
            end = draw(st.integers(start + 1, len(text)))
            if text[start:end].strip():
                guids = draw(st.lists(st.sampled_from(made), unique=True, max_size=3))
                codings = tuple(ReadCoding(draw(st.uuids()), code.guid, "Ada") for code in guids)
                chosen.append(ReadSelection(draw(st.uuids()), start, end, draw(names | st.just("")), codings=codings))
        sources.append(
            ReadSource(
                draw(st.uuids()), f"Text {number}", text, "", tuple(sorted(chosen, key=lambda each: (each.start,)))
            )
        )
    return ReadProject("P", order, sources)


def told(project, guids):
    """What must come back: GUIDs, ranges, texts, names, hierarchy, coders."""
    return (
        [
            (each.guid, each.name, each.description, each.colour, each.codable, each.parent)
            for each in project.codes
            if each.guid in guids
        ],
        {
            (
                source.guid,
                source.name,
                source.text,
                frozenset(
                    (
                        each.guid,
                        each.start,
                        each.end,
                        each.note,
                        frozenset((c.guid, c.code, c.coder) for c in each.codings),
                    )
                    for each in source.selections
                ),
            )
            for source in project.sources
        },
    )


@pytest.mark.slow
@given(projects())
@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_in_out_and_in_again_is_the_same(coder, project):
    with transaction.atomic():
        import_project(project=project, by=coder, references={}, note="A test.")
        documents = SourceDocument.objects.filter(guid__in=[each.guid for each in project.sources])
        back = read_qda(project_file(documents))
        guids = {each.guid for each in project.codes}
        assert not back.problems
        assert told(back, guids) == told(project, guids)
        before = counted()
        import_project(project=back, by=coder, references={}, note="Again.")
        assert [*counted()[2:5]] == [*before[2:5]]
        assert told(read_qda(project_file(documents)), guids) == told(project, guids)
        transaction.set_rollback(True)


@pytest.mark.slow
def test_a_project_comes_in_through_the_pages(coder, browser_of, person):
    desk, address = browser_of(coder), reverse("admin:coding_qdaimport_add")
    refused = desk.post(address, {"file": SimpleUploadedFile("x.qdpx", b"PK\x03\x04")})
    assert (refused.status_code, "damaged" in refused.content.decode()) == (422, True)
    answer = desk.post(address, {"file": SimpleUploadedFile("../study.qdpx", qdpx())})
    page = desk.get(answer["Location"]).content.decode()
    assert "Staff were afraid." in page
    assert "Fear &amp; blame" in page
    assert not SourceDocument.objects.filter(guid=S).exists()
    assert browser_of(person("other", "researcher")).get(answer["Location"]).status_code == 404
    wrong = desk.post(answer["Location"], {"_import": "", f"ref-{S}": "no-such"})
    assert (wrong.status_code, "no reference with the key" in wrong.content.decode()) == (409, True)
    assert not SourceDocument.objects.filter(guid=S).exists()
    assert desk.post(answer["Location"], {"_look": "", "crlf_is_one": "on"}).status_code == 200
    assert desk.post(answer["Location"], {"_import": ""}).status_code == 302
    assert SourceDocument.objects.filter(guid=S).exists()
    assert "1 documents" in desk.get(answer["Location"]).content.decode()
    assert desk.get(reverse("admin:coding_qdaimport_change", args=[0])).status_code == 404


@pytest.mark.slow
def test_a_large_project_comes_in_with_few_queries(coder, django_assert_max_num_queries):
    text = "".join(f"Sentence {number} of many. " for number in range(3000))
    chosen = [
        ReadSelection(
            uuid.uuid4(),
            text.index(f"Sentence {number} "),
            text.index(f"Sentence {number} ") + 12,
            codings=(ReadCoding(uuid.uuid4(), uuid.UUID(A)),),
        )
        for number in range(2000)
    ]
    project = ReadProject(
        "L", [ReadCode(uuid.UUID(A), "One")], [ReadSource(uuid.UUID(S), "Long", text, "", tuple(chosen))]
    )
    with django_assert_max_num_queries(60):
        import_project(project=project, by=coder, references={})
    assert Coding.objects.filter(quotation__document__guid=S).count() == 2000
