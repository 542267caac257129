"""The pages app: template tags and static files."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "failure_lessons.pages"
    label = "pages"
    verbose_name = "Pages"
