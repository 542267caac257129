"""`manage.py forget_old`: delete what is kept of people for a limited time."""

from django.core.management.base import BaseCommand

from failure_lessons.accounts.personal_data import forget_people_data


class Command(BaseCommand):
    help = (
        "Delete sessions that are over, sign-ins and links older than 180 days, and counts of attempts. Run it daily."
    )

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(", ".join(f"{number} {name}" for name, number in forget_people_data().items()) + " deleted")
