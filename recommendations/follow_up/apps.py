"""The app that follows recommendations."""

from django.apps import AppConfig


class FollowUpConfig(AppConfig):
    name = "recommendations.follow_up"
    label = "follow_up"
    verbose_name = "Follow-up of recommendations"
