"""The vocabularies app."""

from django.apps import AppConfig


class VocabulariesConfig(AppConfig):
    name = "failure_lessons.vocabularies"
    label = "vocabularies"
    verbose_name = "Vocabularies"
