"""The roles of the workbench as groups of permissions. A migration makes them; docs/roles.md shows what each may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from failure_lessons.workbench.recording import EVIDENCE_APPS

VOCABULARY = (
    ("failure_lessons", "theme"), ("casestudies", "organisation"), ("literature", "reference"),
    ("literature", "glossaryterm"),
)  # fmt: skip
DESK = (("publishing", "edition"), ("publishing", "revision"))
OUTSIDE = (
    ("partners", "token"), ("partners", "draft"), ("webhooks", "webhook"), ("webhooks", "attempt"),
)  # fmt: skip
WORDS = (
    ("coding", "sourcedocument"), ("coding", "quotation"), ("coding", "coding"), ("coding", "code"), ("coding", "use"),
)  # fmt: skip
READ_PRIVATE = ("coding", "read_private")  # whoever writes or judges a quotation reads the document it comes from
QDA = ("coding", "qdaimport")
REVIEW = ("publishing", "review_record")
PUBLISH = ("publishing", "publish_record")
NAMED = {REVIEW: "edition", PUBLISH: "edition", READ_PRIVATE: "sourcedocument"}  # rights not named after their model

Code = tuple[str, str]  # app label and codename


def evidence(apps: Any) -> list[tuple[str, str]]:
    """Every model that holds evidence, and themes: app label and model name."""
    found = [(model._meta.app_label, model._meta.model_name) for model in apps.get_models()]
    return [each for each in found if each[0] in EVIDENCE_APPS] + [("failure_lessons", "theme")]


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


def make_groups(apps: Any, schema_editor: Any) -> None:
    """For a migration: the groups with their permissions, made where they are not there yet.

    Django makes permissions after all migrations, which is too late for a group that needs them in one.
    """
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


def keep_publishers(apps: Any, schema_editor: Any) -> None:
    """For a migration: whoever might publish by the permission to add editions still may."""
    kinds, rights = (
        apps.get_model(*each)._default_manager for each in (("contenttypes", "ContentType"), ("auth", "Permission"))
    )
    old = rights.filter(content_type__app_label="publishing", codename="add_edition").first()
    if old is None:
        return
    kind, _ = kinds.get_or_create(app_label="publishing", model="edition")
    for codename in (REVIEW[1], PUBLISH[1]):
        new, _ = rights.get_or_create(
            content_type=kind, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
        )
        for holder in ("group_set", "user_set"):
            for each in getattr(old, holder).all():
                getattr(new, holder).add(each)
