"""Behind a pool that hands connections on after each transaction: who did it, and how long it may take."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse

from failure_lessons.accounts.models import User
from failure_lessons.database.statements import limited_to
from failure_lessons.history.models import version_of
from failure_lessons.vocabularies.models import Theme
from tests.database.test_actor import actors_of
from tests.database.test_limits import READ_LIMITS, ask, held
from tests.test_admin import form_data

SAVES = 15


def form_of(theme):
    """The address of a theme's form, and what it sends. Read before there are threads: tests see pages of all of them."""
    browser = Client()
    browser.force_login(User.objects.get(username="saver-0"))
    address = reverse("admin:vocabularies_theme_change", args=[theme.pk])
    return address, form_data(browser.get(address))


def save_often(name, theme, form, failures):
    """Change the name of a theme in the admin, again and again, each time for a reason of its own."""
    address, data = form
    try:
        browser = Client()
        browser.force_login(User.objects.get(username=name))
        for number in range(SAVES):
            words = {"label": f"{name} {number}", "_reason": f"The reason {number} of {name}."}
            answer = browser.post(address, data | words | {"_version": version_of(theme)})
            assert answer.status_code == 302, answer.content
    except Exception as error:  # it would be lost in the thread
        failures.append(error)
    finally:
        connection.close()


@pytest.mark.slow
def test_sixty_saves_by_four_people_behind_a_pool_name_the_right_person_and_reason(behind_pool):
    group = Group.objects.get(name="steward")
    themes = {}
    for number, theme in enumerate(Theme.objects.order_by("pk")[:4]):
        made = User.objects.create_user(f"saver-{number}", is_staff=True)
        made.groups.add(group)
        themes[made.username] = theme
    failures = []
    forms = {name: form_of(theme) for name, theme in themes.items()}
    threads = [
        threading.Thread(target=save_often, args=[name, theme, forms[name], failures]) for name, theme in themes.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    assert failures == []
    for name, theme in themes.items():
        expected = [(name, f"The reason {number} of {name}.", f"{name} {number}") for number in range(SAVES)]
        assert actors_of(theme) == expected


@pytest.mark.slow
def test_limits_hold_behind_a_pool(behind_pool):
    with connection.cursor() as cursor:
        cursor.execute(READ_LIMITS)
        assert cursor.fetchone() == ("0", "1min")
        with limited_to("reader"):
            cursor.execute(READ_LIMITS)
            assert cursor.fetchone() == ("8s", "2s")
    with held("publishing_edition"):
        answer, seconds = ask("/readyz")
    assert answer.status_code == 503
    assert seconds < 2.5
    assert ask("/api/v1/lessons/")[0].status_code == 200
