"""The roles of the workbench as groups of permissions. They are made after each migration.

docs/roles.md shows what each may do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.apps.registry import Apps

from failure_lessons.history.recording import EVIDENCE_APPS

VOCABULARY = (
    ("vocabularies", "theme"),
    ("casestudies", "organisation"),
    ("literature", "reference"),
    ("literature", "glossaryterm"),
)
TERM_TABLES = (("vocabularies", "vocabularyterm"),)  # of the vocabularies that teams extend: stewards alone change them
DESK = (("publishing", "edition"), ("publishing", "ledgerentry"))
OUTSIDE = (
    ("access", "token"),
    ("partners", "draft"),
    ("webhooks", "webhook"),
    ("webhooks", "attempt"),
)
CODING_MODELS = (
    ("coding", "sourcedocument"),
    ("coding", "quotation"),
    ("coding", "coding"),
    ("coding", "code"),
    ("coding", "use"),
)
READ_PRIVATE_PAIR = ("coding", "read_private")  # whoever writes or judges a quotation reads the document it comes from
QDA = ("coding", "qdaimport")
MANAGE_PEOPLE = ("accounts", "manage_people")
ROUND_MODELS = (
    ("consultations", "consultationround"),
    ("consultations", "reportinggroup"),
    ("consultations", "statement"),
    ("consultations", "question"),
)
RUN_ROUND = ("consultations", "run_round")
ANALYSE_ROUND = ("consultations", "analyse_round")
INTAKE_MODELS = (("intake", "publicmessage"), ("intake", "messagedecision"), ("intake", "publicnote"))
USE_MODELS = (("operations", "usecount"), ("operations", "vainsearch"), ("operations", "checkedlink"))
MODERATE = ("intake", "moderate_message")
REVIEW_PAIR = ("publishing", "review_record")
PUBLISH = ("publishing", "publish_record")
REDACTION = (("publishing", "redaction"),)
MODELS_OF_RIGHTS = {
    REVIEW_PAIR: "edition",
    PUBLISH: "edition",
    READ_PRIVATE_PAIR: "sourcedocument",
    RUN_ROUND: "consultationround",
    ANALYSE_ROUND: "consultationround",
    MANAGE_PEOPLE: "user",
    MODERATE: "publicmessage",
}  # rights not named after their model

ROLE_WORDS = {
    "researcher": "writes evidence and submits it",
    "reviewer": "comments, and returns what is not ready",
    "publisher": "publishes what others submitted",
    "facilitator": "runs consultations",
    "analyst": "takes answers of consultations away, under pseudonyms",
    "steward": "keeps vocabularies, people and tokens",
    "partner": "a program that reads and sends by API; nobody signs in",
}  # for those who give them

PermissionPair = tuple[str, str]  # app label and codename


def evidence_models(apps: Apps) -> list[tuple[str, str]]:
    """Every model that holds evidence, and themes: app label and model name."""
    found = [(model._meta.app_label, str(model._meta.model_name)) for model in apps.get_models()]
    return [each for each in found if each[0] in EVIDENCE_APPS] + [("vocabularies", "theme")]


def permission_pairs(models: Iterable[tuple[str, str]], *actions: str) -> Iterator[PermissionPair]:
    """The permissions for these actions on these models."""
    return ((app, f"{action}_{model}") for app, model in models for action in actions)


def role_permissions(apps: Apps) -> dict[str, set[PermissionPair]]:
    """What each role may do. Nobody publishes what they submitted, whatever their roles."""
    seen = {
        *permission_pairs(evidence_models(apps), "view"),
        *permission_pairs((*DESK, *TERM_TABLES), "view"),
        *permission_pairs(CODING_MODELS, "view"),
        *permission_pairs(ROUND_MODELS[:1], "view"),
    }
    moderates = {*permission_pairs(INTAKE_MODELS, "view"), MODERATE}  # two of them decide on each message
    return {
        "researcher": seen
        | {*permission_pairs(evidence_models(apps), "add", "change", "delete")}
        | {*permission_pairs((*CODING_MODELS, QDA), "add", "change", "delete", "view"), READ_PRIVATE_PAIR},
        "reviewer": seen | moderates | {REVIEW_PAIR, READ_PRIVATE_PAIR},
        "publisher": seen
        | moderates
        | {REVIEW_PAIR, PUBLISH, READ_PRIVATE_PAIR}
        | {*permission_pairs(REDACTION, "add", "delete", "view")},
        # whoever runs a round sees who has finished, whoever analyses it what was answered; nobody publishes their own
        "facilitator": seen | {*permission_pairs(ROUND_MODELS, "add", "change", "delete", "view"), RUN_ROUND},
        "analyst": seen | {*permission_pairs(ROUND_MODELS, "view"), ANALYSE_ROUND},
        "steward": seen
        | moderates
        | {*permission_pairs((*VOCABULARY, *TERM_TABLES), "add", "change", "delete")}
        | {*permission_pairs(USE_MODELS, "view")}
        | {*permission_pairs(OUTSIDE, "add", "change", "view"), ("webhooks", "delete_webhook"), MANAGE_PEOPLE},
    }


def make_groups(apps: Apps) -> None:
    """The groups with their permissions, made where they are not there yet. Safe to repeat."""
    kinds, rights, groups = (
        apps.get_model(*each)._default_manager
        for each in (("contenttypes", "ContentType"), ("auth", "Permission"), ("auth", "Group"))
    )
    known_kinds = {(kind.app_label, kind.model): kind for kind in kinds.all()}
    known_rights = {(right.content_type_id, right.codename): right for right in rights.all()}
    for role, codes in role_permissions(apps).items():
        group, _ = groups.get_or_create(name=role)
        given = []
        for app, codename in sorted(codes):
            named = (app, MODELS_OF_RIGHTS.get((app, codename)) or codename.split("_", 1)[1])
            kind = known_kinds.get(named) or kinds.create(app_label=app, model=named[1])
            known_kinds[named] = kind
            words = f"Can {codename.replace('_', ' ')}"
            right = known_rights.get((kind.pk, codename)) or rights.create(
                content_type=kind, codename=codename, name=words
            )
            known_rights[kind.pk, codename] = right
            given.append(right)
        group.permissions.add(*given)
