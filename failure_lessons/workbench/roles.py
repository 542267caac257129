"""The roles of the workbench as groups of permissions. They are made after each migration.

docs/roles.md shows what each may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from failure_lessons.history.recording import EVIDENCE_APPS

VOCABULARY = (
    ("vocabularies", "theme"),
    ("casestudies", "organisation"),
    ("literature", "reference"),
    ("literature", "glossaryterm"),
)
DESK = (("publishing", "edition"), ("publishing", "revision"))
OUTSIDE = (
    ("access", "token"),
    ("partners", "draft"),
    ("webhooks", "webhook"),
    ("webhooks", "attempt"),
)
WORDS = (
    ("coding", "sourcedocument"),
    ("coding", "quotation"),
    ("coding", "coding"),
    ("coding", "code"),
    ("coding", "use"),
)
READ_PRIVATE = ("coding", "read_private")  # whoever writes or judges a quotation reads the document it comes from
QDA = ("coding", "qdaimport")
REVIEW = ("publishing", "review_record")
PUBLISH = ("publishing", "publish_record")
NAMED = {REVIEW: "edition", PUBLISH: "edition", READ_PRIVATE: "sourcedocument"}  # rights not named after their model

Code = tuple[str, str]  # app label and codename


def evidence(apps: Any) -> list[tuple[str, str]]:
    """Every model that holds evidence, and themes: app label and model name."""
    found = [(model._meta.app_label, model._meta.model_name) for model in apps.get_models()]
    return [each for each in found if each[0] in EVIDENCE_APPS] + [("vocabularies", "theme")]


def permissions(models: Any, *actions: str) -> Iterator[Code]:
    """The permissions for these actions on these models."""
    return ((app, f"{action}_{model}") for app, model in models for action in actions)


def roles(apps: Any) -> dict[str, set[Code]]:
    """What each role may do. Nobody publishes what they submitted, whatever their roles."""
    seen = {*permissions(evidence(apps), "view"), *permissions(DESK, "view"), *permissions(WORDS, "view")}
    return {
        "researcher": seen
        | {*permissions(evidence(apps), "add", "change", "delete")}
        | {*permissions((*WORDS, QDA), "add", "change", "delete", "view"), READ_PRIVATE},
        "reviewer": seen | {REVIEW, READ_PRIVATE},
        "publisher": seen | {REVIEW, PUBLISH, READ_PRIVATE},
        "steward": seen
        | {*permissions(VOCABULARY, "add", "change", "delete")}
        | {*permissions(OUTSIDE, "add", "change", "view")},
    }


def make_groups(apps: Any) -> None:
    """The groups with their permissions, made where they are not there yet. Safe to repeat."""
    kinds, rights, groups = (
        apps.get_model(*each)._default_manager
        for each in (("contenttypes", "ContentType"), ("auth", "Permission"), ("auth", "Group"))
    )
    for role, codes in roles(apps).items():
        group, _ = groups.get_or_create(name=role)
        for app, codename in sorted(codes):
            model = NAMED.get((app, codename)) or codename.split("_", 1)[1]
            kind, _ = kinds.get_or_create(app_label=app, model=model)
            right, _ = rights.get_or_create(
                content_type=kind, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
            )
            group.permissions.add(right)
