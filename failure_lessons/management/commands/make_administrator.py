"""`manage.py make_administrator`: the first administrator, with a password shown once."""

import secrets

from django.core.management.base import BaseCommand

from failure_lessons.accounts.models import User


class Command(BaseCommand):
    help = "Create the administrator “admin” with a password shown once, unless there is an administrator already."

    def handle(self, *args: object, **options: object) -> None:
        first = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if first:
            self.stdout.write(f"sign in as {first.username}; forgotten? manage.py changepassword {first.username}")
            return
        password = secrets.token_urlsafe(15)
        User.objects.create_superuser("admin", password=password)
        self.stdout.write(f"sign in as admin with the password {password}, shown only now")
