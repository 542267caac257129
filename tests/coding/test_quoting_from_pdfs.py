"""Sentences of the shipped evidence, printed to PDF by programs that print differently, are found when they are quoted."""

import json
import random
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import pytest
import typst
from playwright.sync_api import sync_playwright

from failure_lessons.coding.extraction import extract_text
from failure_lessons.coding.interrupted import find_words

EVIDENCE = Path(__file__).parents[2] / "evidence"
MARK = re.compile(r"\[@[^\]]*\]|[*_`#>\[\]]")
AFTER_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z“])")
STYLES = [
    "@page { size: A4; margin: 2cm }",
    "body { font: 11pt/1.4 serif; text-align: justify; hyphens: auto }",
    "p { columns: 2; font: 9pt sans-serif; text-align: justify }",
    "body { font: 12pt monospace; letter-spacing: .06em }",
    "body { font: 14pt cursive; word-spacing: .3em } p { text-indent: 2em }",
    "body { font: 700 13pt sans-serif; font-variant-ligatures: discretionary-ligatures }",
]


def shipped_paragraphs(most=40):
    """Paragraphs of prose, without Markdown."""
    found = []
    for path in sorted((EVIDENCE / "case-studies").glob("*.json")):
        case = json.loads(path.read_text())
        for words in (case["context"], *case["phases"].values()):
            for paragraph in words.split("\n\n"):
                plain = " ".join(MARK.sub("", paragraph).split())
                if len(plain) > 200 and "|" not in plain and "http" not in plain:
                    found.append(plain)
    return found[:most]


def with_notes(paragraphs):
    """A page of HTML in which every third sentence has the number of a note."""
    page, number = [], 0
    for paragraph in paragraphs:
        sentences = []
        for each in AFTER_SENTENCE.split(paragraph):
            number += 1
            sentences.append(escape(each) + (f"<sup>{number}</sup>" if number % 3 == 0 else ""))
        page.append(f"<p>{' '.join(sentences)}</p>")
    return "".join(page)


def kerned_pdf(paragraphs, width=85):
    """Blanks by kerning alone, as fonts without a blank glyph are set: each word is shown after a jump."""
    lines = []
    for paragraph in paragraphs:
        line = ""
        for word in paragraph.split(" "):
            if len(line) + len(word) > width:
                lines.append(line.strip())
                line = ""
            line += word + " "
        lines.append(line.strip())
    pages = [lines[start : start + 55] for start in range(0, len(lines), 55)]
    contents = []
    for page in pages:
        rows = []
        for row in page:
            words = (
                row.encode("cp1252", "replace")
                .decode("cp1252")
                .replace("\\", "")
                .replace("(", "\\(")
                .replace(")", "\\)")
            )
            rows.append("[" + " -280 ".join(f"({word})" for word in words.split(" ")) + "] TJ T*")
        contents.append("BT /F1 9 Tf 11 TL 60 780 Td " + "\n".join(rows) + " ET")
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>",
    ]
    for number, content in enumerate(contents):
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        bodies.append(f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream")
    made = b"%PDF-1.4\n" + b"".join(f"{n} 0 obj\n{body}\nendobj\n".encode("cp1252") for n, body in enumerate(bodies, 1))
    return made + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def typst_pdf(paragraphs, style):
    """What Typst prints: hyphenated, with a head and a number on each page."""
    words = "\n\n".join(re.sub(r"([\\#$@<>*_`=~/+-])", r"\\\1", each) for each in paragraphs)
    return typst.compile(f'{style}\n#set page(header: [Report of the inquiry], numbering: "1")\n{words}'.encode())


def latex_pdf(paragraphs, style, folder):
    """What LaTeX prints, with a running head."""
    escaped = (
        re.sub(r"([#$%&_{}])", r"\\\1", each).replace("^", "").replace("~", "").replace("\\\\", "")
        for each in paragraphs
    )
    words = "\n\n".join(
        "".join(letter for letter in each if letter.isascii() or letter in "“”‘’–—éè£") for each in escaped
    )
    source = (
        f"\\documentclass{style}\\usepackage[T1]{{fontenc}}\\usepackage[utf8]{{inputenc}}\\pagestyle{{headings}}"
        f"\\begin{{document}}{words}\\end{{document}}"
    )
    (folder / "paper.tex").write_text(source)
    subprocess.run(["pdflatex", "-interaction=batchmode", "paper.tex"], cwd=folder, capture_output=True, timeout=120)
    return (folder / "paper.pdf").read_bytes()


def office_pdf(page, folder, through):
    """What LibreOffice prints of a page of HTML, by way of another kind of file."""
    (folder / "page.html").write_text(f"<html><meta charset='utf-8'><body>{page}</body></html>")
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to"]
    source = "page.html"
    for step in through:
        done = subprocess.run([*command, step, source], cwd=folder, capture_output=True, timeout=180)
        source = f"page.{step.partition(':')[0]}"
        assert (folder / source).exists(), done.stderr
    return (folder / source).read_bytes()


def share_found(data, paragraphs, count, chance):
    """Which of so many sentences, drawn by chance, are not found."""
    found = extract_text(data)
    sentences = [each for paragraph in paragraphs for each in AFTER_SENTENCE.split(paragraph) if 40 < len(each) < 400]
    drawn = chance.sample(sentences, count)
    return [each for each in drawn if not find_words(found.text, found.pages, each)]


@pytest.mark.slow
def test_sentences_are_found_in_pdfs_of_two_makers():
    paragraphs, chance = shipped_paragraphs(16), random.Random(1)  # noqa: S311 - the same draw each time
    assert (
        share_found(
            typst_pdf(paragraphs, "#set par(justify: true)\n#set text(hyphenate: true)"), paragraphs, 30, chance
        )
        == []
    )
    assert share_found(kerned_pdf(paragraphs), paragraphs, 30, chance) == []


@pytest.mark.trials
def test_of_200_sentences_in_20_pdfs_at_least_97_per_cent_are_found(tmp_path):
    paragraphs, chance = shipped_paragraphs(), random.Random(20)  # noqa: S311 - the same draw each time
    page = with_notes(paragraphs)
    made = {f"kerned {width}": kerned_pdf(paragraphs, width) for width in (60, 85)}
    for number, style in enumerate(
        ("#set par(justify: true)", "#set page(columns: 2)", "#set text(hyphenate: true, size: 14pt)")
    ):
        made[f"typst {number}"] = typst_pdf(paragraphs, style)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium"))
        tab = browser.new_page()
        for number, style in enumerate(STYLES):
            tab.set_content(f"<html lang=en><style>{style}</style><body>{page}</body></html>")
            head = {"display_header_footer": True, "header_template": "<p style='font-size:9px'>Inquiry report</p>"}
            made[f"chromium {number}"] = tab.pdf(format="A5" if number % 2 else "A4", **(head if number % 2 else {}))
        browser.close()
    if shutil.which("soffice"):
        for number, way in enumerate(
            (
                ["odt", "pdf"],
                ["docx:MS Word 2007 XML", "pdf"],
                ["pdf:writer_web_pdf_Export"],
                ["odt", "doc:MS Word 97", "pdf"],
            )
        ):
            (folder := tmp_path / f"office{number}").mkdir()
            made[f"libreoffice {number}"] = office_pdf(page, folder, way)
    if shutil.which("pdflatex"):
        for number, style in enumerate(
            ("{article}", "[twocolumn]{article}", "[12pt,twoside]{book}", "[a5paper]{report}", "[10pt]{letter}")
        ):
            (folder := tmp_path / f"latex{number}").mkdir()
            made[f"latex {number}"] = latex_pdf(paragraphs, style, folder)
    missed = {name: share_found(data, paragraphs, 10, chance) for name, data in made.items()}
    lost = sum(map(len, missed.values()))
    assert len(made) >= 11
    assert lost <= 0.03 * 10 * len(made), missed
