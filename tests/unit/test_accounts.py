"""Names, passwords and secrets: what they may be, and that none is kept."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.accounts import (
    DISPLAY_PREFIX,
    PASSWORD_MAX,
    PASSWORD_MIN,
    SESSION_PREFIX,
    TOKEN_PREFIX,
    Account,
    Display,
    department_after,
    hash_secret,
    new_secret,
    objection_to_department,
    objection_to_name,
    objection_to_password,
    objection_to_role,
    principal_of_account,
    principal_of_display,
)
from dashboard.domain.rights import Principal, Role


@pytest.mark.parametrize(
    "name", ["a", "li.na", "Li_Na-2", "li.na@kunming.gov.cn", "7", "a" * 64, "a..b"]
)
def test_what_may_be_a_name(name):
    assert objection_to_name(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *[
            "",
            " ",
            "a b",
            ".a",
            "-a",
            "_a",
            "@a",
            "..",
            "a/b",
            "a:b",
            "李娜",
            "ａ",
            "é",
            "<script>",
            "a%2fb",
        ],
        *("a" * 65, "a\n", "a\x00", "a\\b", "a\u202eb"),
    ],
)
def test_what_may_not_be_a_name(name):
    assert "expected 1 to 64 letters" in objection_to_name(name)


@pytest.mark.parametrize(
    ("password", "is_fine"),
    [
        ("a1b2c3d4e5f", False),
        ("a1b2c3d4e5f6", True),
        ("一二三四五六七八九十百千", True),
        ("correct horse battery staple", True),
        ("aaaabbbbccccdddd", False),
        ("aaaabbbbccccdddde", True),
        ("my LI.NA secret phrase", False),
        (("abcdefghij" * 20), True),
        (("abcdefghij" * 20) + "k", False),
    ],
)
def test_length_counts_not_kinds_of_characters(password, is_fine):
    assert (objection_to_password(password, "li.na") is None) is is_fine


@given(st.text(max_size=220))
def test_no_password_is_shorter_or_longer_than_said(password):
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        assert "expected 12 to 200 characters" in objection_to_password(password, "li.na")


@given(st.text(min_size=5, max_size=60), st.text(min_size=5, max_size=60))
def test_no_password_holds_the_name(before, after):
    assert objection_to_password(f"{before}Li.Na{after}", "li.na") is not None


@pytest.mark.parametrize("role", ["viewer", "administrator", "leader"])
def test_a_person_may_have_a_post(role):
    assert objection_to_role(role) is None


@pytest.mark.parametrize("role", ["wall", "feed", "root", "", "VIEWER", "Administrator"])
def test_no_person_is_a_machine_or_anything_else(role):
    assert "expected one of viewer, officer" in objection_to_role(role)


@pytest.mark.parametrize("prefix", [SESSION_PREFIX, TOKEN_PREFIX, DISPLAY_PREFIX])
def test_a_secret_is_256_random_bits_that_can_be_searched_for(prefix):
    secrets = {new_secret(prefix) for _ in range(100)}
    assert len(secrets) == 100
    assert all(secret.startswith(prefix) and len(secret) == 4 + 43 for secret in secrets)


def test_kinds_of_secrets_are_told_apart():
    assert len({SESSION_PREFIX, TOKEN_PREFIX, DISPLAY_PREFIX, "omf_"}) == 4


def test_a_secret_is_kept_as_its_hash():
    assert hash_secret("omt_x") == hashlib.sha256(b"omt_x").hexdigest()


def test_an_account_speaks_for_itself_and_a_display_is_a_wall():
    account = Account("li.na", Role.OFFICER, "530111001", "hash", 0)
    assert principal_of_account(account, "s") == Principal("li.na", Role.OFFICER, "530111001", "s")
    display = Display("hall", "530111", "hash", 0)
    assert principal_of_display(display, "s") == Principal("hall", Role.WALL, "530111", "s")


@pytest.mark.parametrize(
    ("role", "department", "expected"),
    [
        (Role.DEPARTMENT, "paishui", None),
        (Role.DEPARTMENT, "nasa", "there is no department 'nasa'"),
        (Role.DEPARTMENT, "", "there is no department ''"),
        (
            Role.DEPARTMENT,
            None,
            "expected the id of a department or team, for the role department",
        ),
        (Role.OFFICER, None, None),
        (Role.OFFICER, "paishui", "only an account of role department has one"),
        (Role.ADMINISTRATOR, "nasa", "only an account of role department has one"),
    ],
)
def test_the_role_department_needs_one_and_no_other_has_one(role, department, expected):
    assert objection_to_department(role, department, {"paishui": 1}) == expected


@pytest.mark.parametrize(
    ("role", "given", "expected"),
    [
        (Role.DEPARTMENT, None, "paishui"),
        (Role.DEPARTMENT, "shuiwu", "shuiwu"),
        (Role.VIEWER, None, None),
        (Role.VIEWER, "shuiwu", "shuiwu"),  # to be refused, not to be lost in silence
    ],
)
def test_who_gets_another_role_leaves_the_department(role, given, expected):
    clerk = Account("chen.jing", Role.DEPARTMENT, "530111", None, 0, department="paishui")
    assert department_after(clerk, role, given) == expected


def test_the_department_is_part_of_who_asks():
    clerk = Account("chen.jing", Role.DEPARTMENT, "530111", None, 0, department="paishui")
    assert principal_of_account(clerk, "s").department == "paishui"
    none_yet = Account("chen.jing", Role.DEPARTMENT, "530111", None, 0)
    assert principal_of_account(none_yet, "s").department == ""
