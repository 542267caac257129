"""Files made for the tests: sound ones, and hostile ones."""

import io
import stat
import zipfile

import docx


def pdf(*pages, encrypt="", labels=False):
    """A small PDF with a line of text on each page; an empty line makes a page without text."""
    parts = [b"%PDF-1.7\n"]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    extra = " /PageLabels << /Nums [0 << /S /r >> 1 << /S /D >>] >>" if labels else ""
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R{extra} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, text in enumerate(pages):
        content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        bodies.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(sum(map(len, parts)))
        parts.append(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))
    start = sum(map(len, parts))
    parts.append(f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode())
    parts += [f"{place:010} 00000 n \n".encode() for place in places]
    parts.append(f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return b"".join(parts)


def word(*paragraphs, table=()):
    """A Word file."""
    made = docx.Document()
    for each in paragraphs:
        made.add_paragraph(each)
    if table:
        rows = made.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(rows.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def archive(parts, links=()):
    """A zip archive of these names and texts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if name in links:
                entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            made.writestr(entry, data)
    return out.getvalue()


def bomb():
    """A text that becomes a thousand times smaller in an archive; made anew, for nobody should hold it."""
    return "<a>" + " " * 60_000_000 + "</a>"


def replaced(data, name, content):
    """An archive with one part changed or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {each: old.read(each) for each in old.namelist()}
    return archive({**parts, name: content})


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
