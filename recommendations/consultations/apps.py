"""The app of consultation rounds. Its tables hold people's answers, so the history of the workbench leaves them out."""

from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "recommendations.consultations"
    label = "consultations"
    verbose_name = "Consultations"
