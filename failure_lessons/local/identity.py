"""What this repository is called, whom it is for and how it looks, from the environment: `settings.SITE`.

Nothing set is the repository as it is shipped. `docs/your-own-repository.md` tells what each setting changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

OUR_NAME = "Failure Lessons"
OUR_SERVICE = "the NHS"
OUR_PURPOSE = "What the NHS can learn from failure in education and criminal justice"
OUR_SECTORS = (
    ("education", "Education"),
    ("criminal-justice", "Criminal justice"),
    ("health", "Health"),
    ("cross-sector", "Cross-sector"),
)
OUR_DEEP, OUR_BRAND = "#0a3a37", "#0b4f4a"  # at the head of pages; of briefs and letters
LONGEST_SITE_NAME, LONGEST_PURPOSE = 60, 200  # characters
LONGEST_SECTOR = 20  # characters of a code: the width of its column
INK, PAPER, TINT = "#14211f", "#ffffff", "#f2f5f3"  # of the stylesheet, in the light
NIGHT_INK, NIGHT_PAPER, NIGHT_TINT = "#06110f", "#101716", "#1a2321"  # and in the dark
WHITE = "#ffffff"
LEAST_CONTRAST = 4.5  # of text on its ground: WCAG 2.2, 1.4.3
SOFT_SHARE = 0.75  # of white in the paler words on the dark band


class SiteColours(NamedTuple):
    """The dark band at the head and foot, buttons and marks, and the colour that catches the eye: `#rrggbb` each."""

    deep: str
    brand: str
    accent: str


class SiteIdentity(NamedTuple):
    """`colours` are None, and `files` empty, where ours are used; a sector is its code and its label."""

    name: str = OUR_NAME
    service: str = OUR_SERVICE
    purpose: str = OUR_PURPOSE
    colours: SiteColours | None = None
    sectors: tuple[tuple[str, str], ...] = OUR_SECTORS
    files: str = ""

    @property
    def is_shipped_name(self) -> bool:
        return self.name == OUR_NAME


def read_identity(environ: Mapping[str, str]) -> SiteIdentity:
    """What SITE_NAME, SITE_SERVICE, SITE_PURPOSE, SITE_COLOURS, SITE_SECTORS and SITE_FILES say.

    Raises `ValueError` with a sentence that says how to write the one that is wrong.
    """
    files = environ.get("SITE_FILES", "").strip()
    if files and not Path(files).is_dir():
        raise ValueError(f"SITE_FILES={files!r} is no folder: name one that holds mark.svg, favicon.ico and the like.")
    return SiteIdentity(
        name=read_one_line(environ, "SITE_NAME", OUR_NAME, LONGEST_SITE_NAME),
        service=read_one_line(environ, "SITE_SERVICE", OUR_SERVICE, LONGEST_SITE_NAME),
        purpose=read_one_line(environ, "SITE_PURPOSE", OUR_PURPOSE, LONGEST_PURPOSE).rstrip("."),
        colours=read_colours(environ.get("SITE_COLOURS", "")),
        sectors=read_sectors(environ.get("SITE_SECTORS", "")),
        files=files,
    )


def read_one_line(environ: Mapping[str, str], name: str, default: str, longest: int) -> str:
    """One line of words."""
    words = environ.get(name, "").strip() or default
    if len(words) > longest or not words.isprintable():
        raise ValueError(f"{name} is one line of at most {longest} characters.")
    return words


def read_colours(text: str) -> SiteColours | None:
    """`#0a3a37,#0b574f,#f5b63a`: the dark band, buttons and marks, the accent."""
    if not text.strip():
        return None
    found = [part.strip().lower() for part in text.split(",")]
    if len(found) != len(SiteColours._fields) or not all(re.fullmatch(r"#[0-9a-f]{6}", each) for each in found):
        raise ValueError(
            f"SITE_COLOURS={text!r} is not three colours (dark band, buttons, accent): write #0a3a37,#0b574f,#f5b63a."
        )
    return SiteColours(*found)


def read_sectors(text: str) -> tuple[tuple[str, str], ...]:
    """`transport=Transport,water-supply=Water supply`: the code that stands in addresses, and what readers see."""
    if not text.strip():
        return OUR_SECTORS
    pairs = [(code.strip(), label.strip()) for code, _, label in (part.partition("=") for part in text.split(","))]
    for code, label in pairs:
        well_formed = re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", code) and len(code) <= LONGEST_SECTOR
        if not well_formed or not label or len(label) > LONGEST_SITE_NAME or not label.isprintable():
            raise ValueError(
                f"SITE_SECTORS: {code[:40]!r} needs a code of at most {LONGEST_SECTOR} small letters, figures and "
                "hyphens, and a label: write transport=Transport,water-supply=Water supply."
            )
    if len(dict(pairs)) < len(pairs) or len({label.casefold() for _, label in pairs}) < len(pairs):
        raise ValueError("SITE_SECTORS names a code or a label twice.")
    return tuple(pairs)


def mix_colours(one: str, other: str, share: float) -> str:
    """`share` of one colour, 0 to 1, and the rest of the other."""
    mixed = (round(a * share + b * (1 - share)) for a, b in zip(split_colour(one), split_colour(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def split_colour(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255 each."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def measure_luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it, 0 to 1."""
    shares = (part / 255 for part in split_colour(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def measure_contrast(one: str, other: str) -> float:
    """The ratio of contrast between two colours, 1 to 21."""
    lighter, darker = sorted((measure_luminance(one), measure_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lighten_for_night(brand: str) -> str:
    """The first lighter shade of the brand that can be read on the dark ground, and on which dark words can be."""
    shades = (mix_colours(WHITE, brand, step / 50) for step in range(51))
    grounds = (NIGHT_PAPER, NIGHT_TINT, NIGHT_INK)
    return next(shade for shade in shades if min(measure_contrast(shade, each) for each in grounds) >= LEAST_CONTRAST)


def find_faint_pairs(colours: SiteColours) -> list[str]:
    """What could not be read in these colours, each in a sentence with its remedy."""
    deep, brand, accent = colours
    soft = mix_colours(WHITE, deep, SOFT_SHARE)
    pairs = (
        ("The first colour, the dark band, is too light for white words.", deep, WHITE, "a darker one"),
        ("The first colour is too light for the paler words on it.", deep, soft, "a darker one"),
        ("The second colour, of buttons, is too light for white words.", brand, WHITE, "a darker one"),
        ("The second colour is too light on the pale ground of panels.", brand, TINT, "a darker one"),
        ("The third colour, the accent, is too dark for the dark words on it.", accent, INK, "a lighter one"),
    )
    return [
        f"{words} Contrast {ratio:.2f}, needed {LEAST_CONTRAST}: choose {remedy}."
        for words, one, other, remedy in pairs
        if (ratio := measure_contrast(one, other)) < LEAST_CONTRAST
    ]


def write_own_styles(site: SiteIdentity) -> str:
    """A style sheet with whatever of the look is not ours; empty where all is."""
    styles = write_colour_styles(site.colours) if site.colours else ""
    if not site.is_shipped_name:
        name = "".join(f"\\{ord(letter):x} " if letter in '"\\<>&' else letter for letter in site.name)
        styles += f'@page {{ @bottom-left {{ content: "{name}"; font: 9pt sans-serif; }} }}\n'
    return styles


def write_colour_styles(colours: SiteColours) -> str:
    """A style sheet that puts these colours in place of ours, on pages and in the workbench, by day and by night."""
    deep, brand, accent = colours
    soft = mix_colours(WHITE, deep, SOFT_SHARE)
    night = lighten_for_night(brand)
    site = f"--deep: {deep}; --deep-ink: {WHITE}; --deep-soft: {soft}; --accent: {accent};"
    buttons = "--primary --secondary --button-bg --object-tools-bg --default-button-hover-bg"
    bands = "--header-bg --button-hover-bg --default-button-bg --object-tools-hover-bg"
    admin = " ".join(f"{name}: {brand};" for name in buttons.split())
    admin += "".join(f" {name}: {deep};" for name in bands.split())
    return (
        f":root {{ {site} --brand: {brand}; --brand-ink: {WHITE}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --brand: {night}; --brand-ink: {NIGHT_INK}; }} }}\n"
        f'html:has(#site-name), html[data-theme="light"]:has(#site-name), html[data-theme="dark"]:has(#site-name) '
        f"{{ {admin} --accent: {WHITE}; --link-selected-fg: var(--link-fg); }}\n"
    )
