"""What may be an outlet, what it is told, when it is tried again, and what its state is called."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clock import FixedClock
from dashboard.domain.outlets import (
    DIGEST_MS,
    LATE_MS,
    LONGEST_PAUSE_MS,
    SILENT_MS,
    Health,
    OutletKind,
    Waiting,
    delivery_id,
    first_due_ms,
    folder_of,
    mailed_with,
    next_up,
    objection_to_outlet,
    objection_to_target,
    pause_ms,
    retried,
)
from tests.conftest import NOON
from tests.receivers import news, outlet

CLOCK = FixedClock(NOON)
SECRET = "s" * 40


def made(target="https://hook.example.cn/x", kind="webhook", **more):
    return outlet(CLOCK, target, kind, **more)


def waiting(n, alert="a", due_ms=NOON, **more):
    return Waiting(news(n, CLOCK, alert=alert, **more), due_ms)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("webhook", "https://hook.example.cn/x?key=1"),
        ("webhook", "http://10.1.2.3:8080/"),
        ("webhook", "http://[fd00::1]:8080/x"),
        ("cap", "https://cap.example.cn"),
        ("cap", "file:///var/spool/cap%20out"),
        ("email", "li@example.cn, zhao.wei+duty@mail.example.cn"),
    ],
)
def test_what_can_be_a_target(kind, target):
    assert objection_to_target(OutletKind(kind), target) is None


@pytest.mark.parametrize(
    ("kind", "target", "problem"),
    [
        ("webhook", "file:///etc/passwd", "scheme 'file' is not used"),
        ("webhook", "ftp://example.cn/", "scheme 'ftp'"),
        ("webhook", "gopher://127.0.0.1:6379/_FLUSHALL", "scheme 'gopher'"),
        ("webhook", "javascript:alert(1)", "scheme 'javascript'"),
        ("webhook", "unix:///tmp/valkey.sock", "scheme 'unix'"),
        ("webhook", "//example.cn/", "scheme ''"),
        ("webhook", "https:///x", "a host is missing"),
        ("webhook", "http://example.cn:0/", "a host is missing"),
        ("webhook", "http://example.cn:99999/", "not a URL"),
        ("webhook", "http://li:pw@example.cn/", "user, a password"),
        ("webhook", "http://example.cn/#x", "fragment"),
        ("webhook", "http://example.cn/\r\nX: y", "control characters"),
        ("webhook", "http://exa mple.cn/", "spaces"),
        ("cap", "file://host/share", "folder of this machine"),
        ("cap", "file:///", "without .."),
        ("cap", "file:///var/../etc", "without .."),
        ("cap", "file:///var/%2e%2e/etc", "without .."),
        ("cap", "ftp://example.cn/", "file:///"),
        ("email", "", "1 to 20"),
        ("email", "li", "not a mail address"),
        ("email", "li@example.cn\r\nBcc: x@example.cn", "not a mail address"),
        ("email", ",".join(["a@example.cn"] * 21), "1 to 20"),
    ],
)
def test_what_cannot_be_a_target(kind, target, problem):
    objection = objection_to_target(OutletKind(kind), target)
    assert objection is not None
    assert problem in objection
    assert "pw" not in objection


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "two words"}, "NAME"),
        ({"name": "../up"}, "NAME"),
        ({"area": "999"}, "--area"),
        ({"priority": 5}, "--priority"),
        ({"whats": ("raised", "exploded")}, "--what"),
        ({"whats": ()}, "--what"),
        ({"lang": "fr"}, "--lang"),
    ],
)
def test_what_cannot_be_an_outlet_is_named_by_its_field(region, more, field):
    found = objection_to_outlet(made(**more), region)
    assert found is not None
    assert found[0] == field
    assert objection_to_outlet(made(), region) is None


def test_a_secret_is_of_one_outlet_only():
    held = made()
    secrets = {
        held.secret(SECRET),
        held.secret("t" * 40),
        made(name="other").secret(SECRET),
        msgspec.structs.replace(held, created_ms=NOON + 1).secret(SECRET),
    }
    assert len(secrets) == 4
    changed = msgspec.structs.replace(held, target="https://elsewhere/", paused_ms=1)
    assert changed.secret(SECRET) == held.secret(SECRET)


def test_where_it_leads_is_named_without_what_may_be_secret():
    assert made("https://hook.example.cn:8443/x?key=1").place == "https://hook.example.cn:8443"
    assert made("http://[fd00::1]:80/x").place == "http://[fd00::1]:80"
    assert made("a@example.cn,b@example.cn", "email").place == "2 addresses"
    assert made("file:///var/x", "cap").place == "a folder"
    assert folder_of("file:///var/cap%20out") == "/var/cap out"


def test_pauses_grow_to_a_quarter_of_an_hour():
    longest = [pause_ms(n, 0) for n in range(1, 40)]
    assert longest[:4] == [1_000, 2_000, 4_000, 8_000]
    assert longest == sorted(longest)
    assert longest[-1] == LONGEST_PAUSE_MS
    assert pause_ms(3, 1) == 2_000


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_pause_is_never_none_and_never_too_long(attempts, chance):
    assert 500 <= pause_ms(attempts, chance) <= LONGEST_PAUSE_MS


def test_the_first_of_an_alert_comes_before_the_rest_of_it():
    items = [waiting(1, due_ms=NOON + 9), waiting(2), waiting(3, "b", due_ms=NOON - 5)]
    assert next_up(items, NOON).news.n == 3
    assert next_up(items[:2], NOON) is None
    assert next_up(items[:2], NOON + 9).news.n == 1


def test_what_failed_lets_others_pass():
    items = [waiting(1), waiting(2, "b")]
    items[0] = retried(items[0], NOON, "no", random.Random(1))
    assert (items[0].attempts, items[0].error) == (1, "no")
    assert NOON < items[0].due_ms <= NOON + 1_000
    assert next_up(items, NOON).news.n == 2


def test_mail_waits_for_more_unless_it_is_urgent():
    mail = made("a@example.cn", "email")
    assert first_due_ms(mail, news(1, CLOCK), NOON) == NOON + DIGEST_MS
    assert first_due_ms(mail, news(1, CLOCK, priority=1), NOON) == NOON
    assert first_due_ms(made(), news(1, CLOCK), NOON) == NOON


def test_a_mail_holds_what_is_urgent_by_itself():
    items = [waiting(1), waiting(2, "b"), waiting(3, "c", priority=1), waiting(4, "c", priority=1)]
    assert [i.news.n for i in mailed_with(items, items[2])] == [3, 4]
    assert [i.news.n for i in mailed_with(items, items[0])] == [1, 2]


def test_a_delivery_id_can_be_a_header_and_a_file_name():
    assert delivery_id(made(), news(3, CLOCK)) == f"hook.3.{NOON}"


@pytest.mark.parametrize(
    ("health", "paused_ms", "state"),
    [
        ({}, None, "ok"),
        ({"oldest_ms": NOON - LATE_MS}, None, "ok"),
        ({"oldest_ms": NOON - LATE_MS - 1}, None, "late"),
        ({"attempts": 1}, None, "failing"),
        ({"at_ms": NOON - SILENT_MS - 1}, None, "late"),
        ({"attempts": 1}, NOON, "paused"),
    ],
)
def test_states(health, paused_ms, state):
    held = msgspec.structs.replace(made(), created_ms=1, paused_ms=paused_ms)
    assert Health(**{"at_ms": NOON} | health).state(held, NOON) == state


def test_a_new_outlet_that_nobody_looked_after_is_late_after_a_minute():
    assert Health().state(made(), NOON + SILENT_MS) == "ok"
    assert Health().state(made(), NOON + SILENT_MS + 1) == "late"
