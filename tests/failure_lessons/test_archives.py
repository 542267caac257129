"""Every reader of archives refuses every hostile archive, in a sentence, and reads the sound one that it was made of."""

import io
import re
import struct
import zipfile
from pathlib import Path

import pytest

from failure_lessons.bulk.reading import read_table
from failure_lessons.coding.extraction import extract_text
from failure_lessons.coding.refi.reading import read_qda
from failure_lessons.files.archives import MOST_UNPACKED, Archive, CannotOpen, parse_xml, walk_xml
from failure_lessons.files.decoding import CannotReadFile
from tests.bulk.sheets import made as workbook
from tests.coding import files

CODE = '<Codes><Code guid="0a0a0a0a-0000-4000-8000-000000000001" name="Culture" isCodable="true"/></Codes>'
PROJECT = f'<Project xmlns="urn:QDA-XML:project:1.0" name="p"><CodeBook>{CODE}</CodeBook></Project>'

# for each reader: what it is called with, a sound file, and a part of XML in it that it cannot do without
READERS = {
    "spreadsheet": (read_table, lambda: workbook(["Slug"], ["a-school"]), "xl/worksheets/sheet1.xml"),
    "source document": (extract_text, lambda: files.word("Staff were afraid."), "word/document.xml"),
    "REFI-QDA project": (read_qda, lambda: files.archive({"project.qde": PROJECT}), "project.qde"),
}


def with_part(name, content):
    """Change a sound archive by one part more."""
    return lambda data, needed: files.replaced(data, name, content)


def with_xml(change):
    """Change the XML that is needed."""

    def changed(data, needed):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return files.replaced(data, needed, change(archive.read(needed).decode()))

    return changed


def declare(declaration):
    """Put a declaration before the first element, and use what it declares."""

    def changed(xml):
        head, mark, rest = xml.rpartition("?>") if xml.startswith("<?xml") and xml.count("?>") == 1 else ("", "", xml)
        return f"{head}{mark}{declaration}{rest}"

    return with_xml(changed)


def with_header(local, central, value):
    """Overwrite a field in both headers of the part that is needed."""

    def changed(data, needed):
        data = bytearray(data)
        for mark, fixed, offset in ((b"PK\x03\x04", 30, local), (b"PK\x01\x02", 46, central)):
            at = data.find(mark)
            while data[at + fixed : at + fixed + len(needed)] != needed.encode():
                at = data.find(mark, at + 4)
            data[at + offset : at + offset + len(value)] = value
        return bytes(data)

    return changed


def locked(data, needed):
    return with_header(6, 8, struct.pack("<H", 1))(data, needed)


def twice(data, needed):
    out = io.BytesIO(data)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "a") as archive:
        archive.writestr(needed, "<other/>")
    return out.getvalue()


def link(data, needed):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return files.archive(parts | {"extra": "/etc/passwd"}, links=["extra"])


def spoilt(data, needed):
    """The packed bytes of the part that is needed, overwritten."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        at = archive.getinfo(needed).header_offset + 30 + len(needed) + 4
    return data[:at] + b"\xff" * 12 + data[at + 12 :]


HOSTILE = {
    "a part that unpacks to a thousand times its size": (with_part("x/bomb.bin", b"0" * 2_000_000), "times its size"),
    "parts that together fill the memory": (
        lambda data, needed: files.replaced(data, "x/bomb.bin", b"0" * MOST_UNPACKED * 2),  # made when it is needed
        "Unpacked",
    ),
    "very many parts": (lambda data, needed: many(data), "parts"),
    "a path upwards": (with_part("../../etc/cron.d/x", b"x"), "leads elsewhere"),
    "a path upwards within": (with_part("a/../../x", b"x"), "leads elsewhere"),
    "an absolute path": (with_part("/etc/passwd", b"x"), "leads elsewhere"),
    "a drive": (with_part("C:/x", b"x"), "leads elsewhere"),
    "a path of Windows": (with_part("..\\x", b"x"), "leads elsewhere"),
    "a link": (link, "a link in place of a file"),
    "a name twice": (twice, "twice"),
    "a password": (locked, "password"),
    "a size that is a lie": (with_header(22, 24, struct.pack("<I", 7)), "damaged"),
    "a checksum that is wrong": (with_header(14, 16, b"\0\0\0\0"), "damaged"),
    "packed bytes that are spoilt": (spoilt, "damaged"),
    "cut off": (lambda data, needed: data[: len(data) // 2], "damaged"),
    "an entity from the file system": (declare('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'), "entities"),
    "an entity from elsewhere": (declare('<!DOCTYPE x SYSTEM "http://index.invalid/x.dtd">'), "entities"),
    "entities within entities": (
        declare('<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'),
        "entities",
    ),
    "elements without end": (with_xml(lambda xml: xml.replace("</", "<d>" * 500 + "</d>" * 500 + "</", 1)), "deep"),
    "XML that is cut off": (with_xml(lambda xml: xml[:-10]), "damaged|well-formed"),
}


def many(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return files.archive(parts | {f"x/{number}": b"" for number in range(5_001)})


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_reads_its_sound_file(reader):
    read, make, _ = READERS[reader]
    assert read(make())


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("reader", READERS)
def test_each_reader_refuses_each_hostile_archive(reader, hostile):
    read, make, needed = READERS[reader]
    spoil, reason = HOSTILE[hostile]
    data = spoil(make(), needed)
    with pytest.raises((CannotOpen, CannotReadFile), match=reason):
        read(data)


def test_no_reader_opens_archives_by_itself():
    """A reader of archives that is not in the table above would be met by none of these files."""
    root = Archive.__init__.__globals__["__file__"].rpartition("/failure_lessons/")[0]
    readers = {
        "failure_lessons/files/archives.py",
        "failure_lessons/operations/backup.py",
        "failure_lessons/operations/use_counting.py",  # the server's own logs, a line of bounded length at a time
    }
    found = set()
    for folder in ("failure_lessons", "literature", "casestudies", "recommendations"):
        for path in Path(root, folder).rglob("*.py"):
            if re.search(r"\b(ZipFile\(io|is_zipfile|tarfile|gzip\.(open|decompress))", path.read_text()):
                found.add(str(path.relative_to(root)))
    assert found == readers


@pytest.mark.parametrize("walk", [parse_xml, lambda data, what: walk_xml(data, what, lambda *_: None)])
def test_both_ways_to_read_xml_refuse_the_same(walk):
    walk(b"<a><b/></a>", "The part")
    for hostile in (
        b"<!DOCTYPE a><a/>",
        files.LAUGHS.encode() + b"<a>&c;</a>",
        files.XXE.encode() + b"<a>&f;</a>",
        b"<a>" * 61 + b"</a>" * 61,
        b"<a>",
        b"",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
    ):
        with pytest.raises(CannotOpen, match="The part"):
            walk(hostile, "The part")
