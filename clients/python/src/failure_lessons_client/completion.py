"""Completion in a shell: the script that asks for it, and what could come next on a line.

eval "$(failure-lessons --completion bash)"                       # in ~/.bashrc
eval "$(failure-lessons --completion zsh)"                        # in ~/.zshrc
failure-lessons --completion fish | source                        # in ~/.config/fish/config.fish
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn

from failure_lessons_client.calls import COLLECTIONS

FORMS = ("csv", "xlsx", "ndjson", "ris", "bibtex", "csl-json", "jsonld", "datacite")
OPTIONS = ("--site", "--version", "--output", "--json", "--help", "--completion")
VERBS = ("show", "search", "changes")
TAKING_VALUES = ("--site", "--output", "--completion")
BASH = """_failure_lessons() {
    local IFS=$'\\n' word="${COMP_WORDS[COMP_CWORD]}"
    [[ "$word" == "=" ]] && word=""
    COMPREPLY=($(compgen -W "$(failure-lessons --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$word"))
}
complete -F _failure_lessons failure-lessons
"""
SCRIPTS = {
    "bash": BASH,
    "zsh": "autoload -U +X bashcompinit && bashcompinit\n" + BASH,
    "fish": "complete -c failure-lessons -f -a "
    "'(failure-lessons --complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'\n",
}


@cache
def read_names() -> dict[str, Any]:
    """What can be asked of each collection, by the contract that this client was made for."""
    names: dict[str, Any] = json.loads((files("failure_lessons_client") / "names.json").read_text(encoding="utf-8"))
    return names


def list_candidates(words: Sequence[str]) -> list[str]:
    """What the last of these words may become; the others stand before it. Empty where nobody can know."""
    *before, word = words or [""]
    if word == "=":
        before, word = [*before, word], ""
    asked = before[-2] if before[-1:] == ["="] and len(before) > 1 else before[-1] if before else ""
    if asked.startswith("--") and asked not in ("--json", "--help", "--version"):
        return list_values(asked)
    what = next((each for each in before if each in (*COLLECTIONS, *VERBS)), "")
    if what == "show" and before[-1] == "show":
        return [*COLLECTIONS]
    options = [*OPTIONS]
    if what in COLLECTIONS:
        options += ["--format", *map(as_option, (*read_names()["shared"], *read_names()["own"][what]))]
    elif what:
        options += {"search": ["--kind"], "changes": ["--since", "--kind", "--action"], "show": ["--as-of"]}[what]
    if word.startswith("-") or what:
        return sorted(set(options))
    return [*COLLECTIONS, *VERBS]


def list_values(option: str) -> list[str]:
    """The values of an option, where there are few."""
    if option == "--format":
        return [*FORMS]
    if option == "--completion":
        return [*SCRIPTS]
    values: dict[str, list[str]] = read_names()["choices"]
    return values.get(option[2:].replace("-", "_"), [])


def as_option(name: str) -> str:
    """A parameter of the API as it is typed."""
    return f"--{name.replace('_', '-')}"


class PrintScript(argparse.Action):
    """`--completion SHELL` prints the script and ends."""

    def __call__(
        self, parser: argparse.ArgumentParser, space: object, values: object, option: object = None
    ) -> NoReturn:
        print(SCRIPTS[str(values)], end="")
        parser.exit()


class PrintCandidates(argparse.Action):
    """`--complete WORD…` prints what may come next, one a line, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, space: object, values: Any, option: object = None) -> NoReturn:
        print("\n".join(list_candidates([*values])))
        parser.exit()
