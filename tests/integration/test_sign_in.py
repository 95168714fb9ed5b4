"""Who comes in, by a password, by another provider's word, as a wall; and what is noted of it."""

import asyncio

import pytest

from dashboard.directory import Directory
from dashboard.domain.accounts import Account, Caller, hash_secret
from dashboard.domain.rights import Role
from dashboard.errors import Missing, Refused
from dashboard.passwords import hash_password
from dashboard.sign_in import Problem, SignedIn, SignIn, TurnedAway, caller_of
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.audit import AuditLog
from tests.conftest import NOON

STREET, DISTRICT = "530111001", "530111"
PASSWORD = "correct horse battery staple"
HELD = hash_password(PASSWORD)
HERE = Caller("203.0.113.5", "Firefox")
SUBJECT = "https://id.example 4711"


@pytest.fixture
def audit(redis, settings, clock):
    return AuditLog(redis, settings.secret, clock)


@pytest.fixture
def sign_in(settings, region, redis, audit, clock):
    directory = Directory(settings, region, redis, audit, clock)
    return SignIn(settings, directory, redis, audit, clock)


@pytest.fixture
async def li_na(sign_in):
    account = Account("li.na", Role.OFFICER, STREET, HELD, NOON)
    await sign_in.directory.store.add(COMMAND_LINE, account)
    await sign_in.directory.reload()
    return account


async def entries(audit):
    return list(reversed(await audit.entries_before(None, 100)))


async def test_a_right_password_opens_a_session_with_its_entry(sign_in, audit, li_na):
    opened = await sign_in.by_password("li.na", PASSWORD, HERE)
    assert (opened.principal.name, opened.principal.area) == ("li.na", STREET)
    assert await sign_in.directory.by_cookie(opened.secret) == opened.principal
    entry = (await entries(audit))[-1]
    assert (entry.actor, entry.address, entry.action) == ("li.na", HERE.address, "session.begin")
    assert (entry.outcome, entry.area) == ("done", STREET)
    assert opened.secret not in repr(entry)


@pytest.mark.parametrize("name", ["li.na", "nobody", "disabled", "elsewhere"])
async def test_who_is_turned_away_cannot_tell_why(sign_in, li_na, name):
    store = sign_in.directory.store
    await store.add(COMMAND_LINE, Account("elsewhere", Role.VIEWER, STREET, None, NOON))
    disabled = Account("disabled", Role.VIEWER, STREET, HELD, NOON, disabled_ms=NOON)
    await store.add(COMMAND_LINE, disabled)
    wrong = "wrong" if name == "li.na" else PASSWORD
    turned_away = await sign_in.by_password(name, wrong, HERE)
    assert turned_away == TurnedAway(Problem.WRONG, attempts_left=4)


async def test_a_wrong_password_is_noted_and_a_name_nobody_has_is_not(sign_in, audit, li_na):
    await sign_in.by_password("li.na", "wrong", HERE)
    await sign_in.by_password("my secret password", "x", HERE)
    known, unknown = (await entries(audit))[-2:]
    assert (known.actor, known.subject, known.outcome) == ("li.na", "account/li.na", "refused")
    assert (unknown.actor, unknown.subject, unknown.outcome) == ("", "account", "refused")
    assert "secret password" not in repr(unknown)


async def test_the_sixth_attempt_waits_even_with_the_right_password(sign_in, audit, li_na, clock):
    for left in (4, 3, 2, 1, 0):
        turned_away = await sign_in.by_password("li.na", "wrong", HERE)
        assert turned_away == TurnedAway(Problem.WRONG, attempts_left=left)
    assert "have to wait" in (await entries(audit))[-1].detail
    n_entries = len(await entries(audit))
    slow = await sign_in.by_password("li.na", PASSWORD, HERE)
    assert slow == TurnedAway(Problem.SLOW, wait_s=60)
    assert len(await entries(audit)) == n_entries  # what is not looked at writes nothing
    clock.move(60)
    assert isinstance(await sign_in.by_password("li.na", PASSWORD, HERE), SignedIn)


async def test_a_password_changed_while_it_is_compared_opens_nothing(sign_in, li_na, clock):
    opening = asyncio.create_task(sign_in.by_password("li.na", PASSWORD, HERE))
    store = sign_in.directory.store
    # its two takes of the store, the attempt and the account, come long before argon2 is done
    await asyncio.sleep(0.02)
    clock.move(1)
    await store.change(COMMAND_LINE, "li.na", {"password": "another hash"})
    opened = await opening
    assert isinstance(opened, TurnedAway) or (
        await sign_in.directory.by_cookie(opened.secret) is None
    )


async def test_a_new_password_ends_every_other_session(sign_in, li_na, clock):
    other = await sign_in.by_password("li.na", PASSWORD, HERE)
    own = await sign_in.by_password("li.na", PASSWORD, HERE)
    clock.move(1)
    wrong = await sign_in.change_password(own.principal, ("wrong", "a new long phrase"), HERE)
    assert wrong.problem is Problem.WRONG
    with pytest.raises(Refused):
        await sign_in.change_password(own.principal, (PASSWORD, "short"), HERE)
    assert await sign_in.directory.by_cookie(own.secret)
    new = await sign_in.change_password(own.principal, (PASSWORD, "a new long phrase"), HERE)
    by_cookie = sign_in.directory.by_cookie
    assert [await by_cookie(one.secret) for one in (other, own, new)] == [None, None, new.principal]
    assert isinstance(await sign_in.by_password("li.na", PASSWORD, HERE), TurnedAway)
    assert isinstance(await sign_in.by_password("li.na", "a new long phrase", HERE), SignedIn)


async def test_who_holds_a_session_cannot_guess_the_password_for_ever(sign_in, li_na):
    own = await sign_in.by_password("li.na", PASSWORD, HERE)
    guesses = [
        await sign_in.change_password(own.principal, ("x", "y" * 12), HERE) for _ in range(6)
    ]
    assert [one.problem for one in guesses] == [Problem.WRONG] * 5 + [Problem.SLOW]


async def test_another_providers_word_makes_an_account_and_keeps_it_in_step(sign_in, audit):
    first = await sign_in.by_provider("wang.wei", SUBJECT, (Role.VIEWER, STREET), HERE)
    assert (first.principal.role, first.principal.area) == (Role.VIEWER, STREET)
    again = await sign_in.by_provider("wang.wei", SUBJECT, (Role.LEADER, DISTRICT), HERE)
    assert (again.principal.role, again.principal.area) == (Role.LEADER, DISTRICT)
    account = await sign_in.directory.store.account("wang.wei")
    assert (account.subject, account.password, account.version) == (SUBJECT, None, 2)
    turned_away = await sign_in.by_password("wang.wei", "", HERE)
    assert turned_away.problem is Problem.WRONG
    actions = [entry.action for entry in await entries(audit)]
    assert actions[:4] == ["account.add", "session.begin", "account.change", "session.begin"]


async def test_no_provider_speaks_for_a_local_account_another_subject_or_a_disabled_one(
    sign_in, audit, li_na
):
    await sign_in.by_provider("wang.wei", SUBJECT, (Role.VIEWER, STREET), HERE)
    place = (Role.ADMINISTRATOR, DISTRICT)
    with pytest.raises(Refused):
        await sign_in.by_provider("li.na", SUBJECT, place, HERE)
    with pytest.raises(Refused):
        await sign_in.by_provider("wang.wei", "https://id.example 4712", place, HERE)
    await sign_in.directory.store.change(COMMAND_LINE, "wang.wei", {"disabled_ms": NOON})
    with pytest.raises(Refused):
        await sign_in.by_provider("wang.wei", SUBJECT, place, HERE)
    assert (await sign_in.directory.store.account("li.na")).role is Role.OFFICER
    assert (await sign_in.directory.store.account("wang.wei")).role is Role.VIEWER
    assert [e.outcome for e in await entries(audit)].count("refused") == 3


async def test_a_wall_opens_by_its_address_and_keeps_its_session(sign_in, audit):
    address = await sign_in.directory.store.add_display(COMMAND_LINE, "hall", STREET)
    await sign_in.directory.reload()
    opened = await sign_in.by_display(address, "", HERE)
    assert (opened.principal.role, opened.principal.area) == (Role.WALL, STREET)
    n_entries = len(await entries(audit))
    again = await sign_in.by_display(address, opened.secret, HERE)
    assert (again.secret, len(await entries(audit))) == (opened.secret, n_entries)
    foreign = await sign_in.by_display(address, "oms_foreign", HERE)
    assert foreign.secret not in (opened.secret, "oms_foreign")


async def test_no_other_address_opens_a_wall_nor_fills_the_trail(sign_in, audit):
    store = sign_in.directory.store
    address = await store.add_display(COMMAND_LINE, "hall", STREET)
    await store.revoke_display(COMMAND_LINE, "hall")
    await sign_in.directory.reload()
    n_entries = len(await entries(audit))
    for secret in (address, "", "omd_x", hash_secret(address)):
        assert await sign_in.by_display(secret, "", HERE) is None
    assert len(await entries(audit)) == n_entries


async def test_a_session_is_ended_once(sign_in, li_na):
    opened = await sign_in.by_password("li.na", PASSWORD, HERE)
    await sign_in.end(opened.principal, HERE.address)
    assert await sign_in.directory.by_cookie(opened.secret) is None
    with pytest.raises(Missing):
        await sign_in.end(opened.principal, HERE.address)


def test_a_caller_is_known_by_address_and_by_a_bounded_description():
    scope = {"type": "http", "client": ("203.0.113.5", 1), "headers": [(b"user-agent", b"x" * 999)]}
    assert caller_of(scope) == Caller("203.0.113.5", "x" * 200)
    assert caller_of({"type": "http", "client": None, "headers": []}) == Caller("", "")
