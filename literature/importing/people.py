"""Names as programs write them: people by family and given name, bodies whole, and no one made into the other.

A comma tells a person from a body, unless the words are those of a body; without one, initials at the end do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Name = dict[str, str]

# Words that stand in the names of bodies. In front of a comma one of several words has to be one of these.
BODY_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        academy agency alliance army assembly assessment association associates auditor authority bank bbc board
        branch bureau cabinet care center centre charity coalition college collaboration collaborative
        commission commissioner committee community company confederation conference consortium constabulary
        consultancy consulting corporation council court department directorate division education england
        executive federation firm force forum foundation fund government group health hmp hospital housing inc
        inquiry inspectorate institute institution international ireland laboratory legislature library limited
        llp ltd ministry museum nation national network nhs office officer organisation organization panel
        parliament partnership plc police policy press prison probation programme project publishing research
        review royal school schools scotland secretariat senate service services society state statistics study
        survey taskforce team treasury tribunal trust trustees uk union unit university wales watch working
        """,
    )
)
FUNCTION_WORDS = frozenset({"of", "for", "the", "on", "in", "and", "&"})  # never within the name of a person
ACRONYMS = frozenset(
    re.findall(
        r"\S+",
        """
        BBC BMA CIC CQC DfE EU GB GMC HM HMP HQ ICB INC LLC LLP LTD MP NAO NHS NI NMC OECD PLC TV UK UN US USA
        WHO
        """,
    )
)
NAME_SUFFIXES = frozenset(
    re.findall(
        r"\S+",
        """
        jr sr ii iii iv phd md obe cbe kc qc
        """,
    )
)
OTHERS = re.compile(r"(?:\band\s+)?(?:others|et\.?\s+al(?:ii)?\.?)|and\s+others", re.IGNORECASE)
INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,4}")
PARTICLES = frozenset(
    re.findall(
        r"\S+",
        """
        al and bin da dal de del della den der des di dos du el la las le les ten ter van vom von zu zur
        """,
    )
)
NAME_DIVIDERS = re.compile(r"\s*(?:;|\||\n)\s*")


def is_initials(words: str) -> bool:
    """“J”, “AB”, “P.T.”, “J-P”: capitals alone, at most four, and no short name of a body."""
    letters = re.sub(r"[.\s-]", "", words)
    return (
        bool(INITIALS.fullmatch(words.replace(" ", "")))
        and letters.isupper()
        and 1 <= len(letters) <= 4
        and letters not in ACRONYMS
    )


def has_body_words(words: Iterable[str]) -> bool:
    """Whether any of these words is one of a body, or one that stands between words of bodies."""
    return any(
        word.casefold().strip("().,") in BODY_WORDS or word in FUNCTION_WORDS or word.strip("().,") in ACRONYMS
        for word in words
    )


def is_body(family: str, given: str) -> bool:
    """Whether a comma stands within the name of a body: “Independent Monitoring Board, HMP Birmingham”."""
    before, after = family.split(), given.split()
    if len(before) > 1 and all(word.casefold() in PARTICLES for word in before[:-1]):
        return False  # Van Der Bank, Anna
    if len(before) == 1 and before[0] not in ACRONYMS:
        # House, Ernest is a person; Ministry, Department of, none. One word is a surname unless more of a body follows.
        return len(after) > 1 and has_body_words(after) and not is_initials(after[0])
    return has_body_words(before) or any(word in FUNCTION_WORDS for word in after)


def is_person_without_comma(words: list[str]) -> bool:
    """“Smith J”, “van der Meer AB”: a surname of at most four words, and initials."""
    return 2 <= len(words) <= 5 and is_initials(words[-1]) and not has_body_words(words[:-1]) and words[0][:1].isalpha()


def parse_name(text: str) -> Name | None:
    """One name: “Family, Given, Suffix”, “Family AB”, or a body. None for “and others”."""
    name = " ".join(str(text).split()).strip(" ;")
    if name.endswith(","):
        name = name.rstrip(", ")
    if not name or OTHERS.fullmatch(name):
        return None
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) == 3 and parts[1].casefold().strip(".") in NAME_SUFFIXES:  # Hill, Jr., Peter
        parts = [parts[0], parts[2], parts[1]]
    third_fits = len(parts) == 3 and (parts[2].casefold().strip(".") in NAME_SUFFIXES or len(parts[2]) <= 5)
    if (len(parts) == 2 or third_fits) and not is_body(parts[0], parts[1]):
        if len(parts) == 2 and parts[1].casefold().strip(".") in NAME_SUFFIXES:
            return with_suffix(parse_name(parts[0]) or {}, parts[1])
        return dict(zip(("family", "given", "suffix"), parts, strict=False))
    words = name.split()
    if len(parts) == 1 and is_person_without_comma(words):
        return {"family": " ".join(words[:-1]), "given": words[-1]}
    return {"literal": name}


def with_suffix(name: Name, suffix: str) -> Name:
    """A person with what comes after the name; a body keeps it as part of it."""
    return name | {"suffix": suffix} if "family" in name else {"literal": f"{name.get('literal', '')}, {suffix}"}


def parse_given_first(text: str) -> Name | None:
    """“Peter Hill”, “P van der Meer”: as some programs write people. One word is a body."""
    name = " ".join(str(text).split()).strip(" .;,") if "," in text else " ".join(str(text).split()).strip(" ;")
    if "," in name or not name:
        return parse_name(name)
    words = name.split()
    if len(words) < 2 or OTHERS.fullmatch(name) or has_body_words(words) or len(words) > 6:
        return None if OTHERS.fullmatch(name) else {"literal": name}
    if is_person_without_comma(words) and not is_initials(words[0]):
        return parse_name(name)
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in PARTICLES:
        start -= 1
    return {"given": " ".join(words[:start]), "family": " ".join(words[start:])}


def parse_names(text: str, *, given_first: bool = False) -> list[Name]:
    """The names in one cell, however they are divided."""
    parse = parse_given_first if given_first else parse_name
    found = [parse(part) for cell in NAME_DIVIDERS.split(text) for part in split_names(cell)]
    return [name for name in found if name]


def split_names(text: str) -> list[str]:
    """Names divided by commas or “and”, where that can be told."""
    text = re.sub(r"\s*\(\d+\)", "", text).strip()  # Scopus gives each author a number
    if not text:
        return []
    joined = [part.strip(" ,") for part in re.split(r"\s+(?:and|&)\s+|,\s*(?:and|&)\s+", text) if part.strip(" ,")]
    if len(joined) > 1 and all(looks_like_people(part) for part in joined):
        return [name for part in joined for name in split_names(part)]
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) < 2:
        return [text]
    bare = [part.strip(" .") if len(part.split()) > 1 else part for part in parts]
    if all(is_person_without_comma(part.split()) for part in bare):  # Hill P, Dale A
        return bare
    if all(len(part.split()) > 1 and is_initials(part.split()[0]) for part in bare):  # P Hill, A Dale
        return [f"{part.split(maxsplit=1)[1]}, {part.split()[0]}" for part in bare]
    if len(parts) >= 4 and len(parts) % 2 == 0 and all(is_initials(part) for part in parts[1::2]):  # Hill, P., Dale, A.
        return [", ".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) > 2 and all(1 < len(part.split()) < 5 and not has_body_words(part.split()) for part in bare):
        return [f"{' '.join(part.split()[1:])}, {part.split()[0]}" if len(part.split()) == 2 else part for part in bare]
    return [text]


def looks_like_people(text: str) -> bool:
    """Whether these words name one person or several, as “Hill, Peter” or “Hill P” do."""
    if OTHERS.fullmatch(text):
        return True
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) == 1:
        return is_person_without_comma(text.split())
    return not is_body(parts[0], parts[1]) and not has_body_words(" ".join(parts).split())
