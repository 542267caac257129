"""The app that watches: logs, metrics, what a place where it is deployed lacks."""

from django.apps import AppConfig
from django.core.checks import register

from failure_lessons.operations import checks


class OperationsConfig(AppConfig):
    name = "failure_lessons.operations"
    label = "operations"
    verbose_name = "Operations"

    def ready(self) -> None:
        """`check --deploy` says what a production lacks; every start, whether its colours can be read."""
        register(checks.check_colours)
        for check in checks.DEPLOYMENT_CHECKS:
            register(check, deploy=True)
