"""Which passwords are refused, and by which list."""

import hashlib
from io import StringIO

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command

from failure_lessons.accounts.models import User
from failure_lessons.accounts.passwords import BreachedValidator, check_passwords, is_in_sorted_file


def sha1_of(text):
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "123456789012",
        "failurelessons",
        "leicester2026!",
        "F4ilureL3ssons!!",
        "workbench-1234",
        "abababababab",
        "abcdefghijklmnop",
        "sunshine123456",  # two common ones, which together are long enough
        "dragonsunshine",
    ],
)
def test_words_of_this_site_and_few_characters_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "a long enough phrase",
        "correct horse battery",
        "tVq9-zz4K-mmw2x",
        "failing is how we learned",
        "802774916350",
        "é" * 3 + "лисица ест",
        "x " + "long " * 40 + "yes",
    ],
)
def test_a_phrase_of_ones_own_is_taken(password):
    validate_password(password)


def test_a_list_of_stolen_passwords_is_searched_in_place(tmp_path, settings):
    words = [f"stolen phrase number {number}" for number in range(500)]
    hashes = sorted(sha1_of(word) for word in words)
    for ending in ("\n", "\r\n"):
        path = tmp_path / "list.txt"
        path.write_bytes("".join(f"{each}:{len(each)}{ending}" for each in hashes).encode())
        assert all(is_in_sorted_file(path, each.encode()) for each in hashes)
        others = [sha1_of(f"free {number}") for number in range(500)]
        assert not any(is_in_sorted_file(path, each.encode()) for each in others)
    settings.BREACHED_PASSWORDS = str(path)
    with pytest.raises(ValidationError, match="stolen"):
        BreachedValidator().validate(words[3])
    BreachedValidator().validate("nobody has stolen this")


def test_check_deploy_says_which_list_there_is(settings, tmp_path):
    settings.BREACHED_PASSWORDS = ""
    assert [each.id for each in check_passwords()] == ["accounts.I001"]
    settings.BREACHED_PASSWORDS = str(tmp_path / "none")
    assert [each.id for each in check_passwords()] == ["accounts.E001"]
    (tmp_path / "none").write_text("")
    assert [each.id for each in check_passwords()] == ["accounts.I002"]
    assert not is_in_sorted_file(tmp_path / "none", b"A" * 40)


@pytest.mark.django_db
def test_no_account_comes_with_a_password_that_somebody_knows():
    assert User.objects.exists()  # those of the loader
    assert not [account for account in User.objects.all() if account.has_usable_password()]
    said = [StringIO(), StringIO()]
    for out in said:
        call_command("make_administrator", stdout=out)
    [made] = User.objects.filter(is_superuser=True)
    shown = said[0].getvalue().partition("password ")[2].partition(",")[0]
    assert made.check_password(shown)
    assert len(shown) == 20
    assert "forgotten" in said[1].getvalue()  # there is one already: nothing is made, nothing is shown
    assert shown not in said[1].getvalue()
