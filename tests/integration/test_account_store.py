"""Every change of accounts, sessions, tokens and displays is made whole with its entry, or not."""

import asyncio

import pytest

from dashboard.domain.accounts import SHORT_ID, Account, Session, SessionKind, hash_secret
from dashboard.domain.rights import Role
from dashboard.errors import Missing, Refused, Stale, StoreAway
from dashboard.store.accounts import AccountStore, first_administrator
from dashboard.store.acts import Actor
from dashboard.store.audit import AuditLog
from dashboard.store.client import connect
from tests.conftest import NOON

STREET = "530111001"
BOSS = Actor(name="boss", role="administrator", address="203.0.113.5")


@pytest.fixture
def audit(redis, settings, clock):
    return AuditLog(redis, settings.secret, clock)


@pytest.fixture
def store(redis, audit, clock):
    return AccountStore(redis, audit, clock)


def account(name="li.na", role=Role.OFFICER):
    return Account(name, role, STREET, "a hash", NOON)


def session(owner="li.na"):
    return Session(owner, SessionKind.ACCOUNT, NOON, "203.0.113.9", "Firefox")


async def trail(audit):
    """Actions and subjects, oldest first."""
    return [(e.action, e.subject) for e in reversed(await audit.entries_before(None, 500))]


async def test_an_account_is_added_once_with_one_entry(store, audit):
    await store.add(BOSS, account())
    with pytest.raises(Refused, match=r"li\.na.* already"):
        await store.add(BOSS, account(role=Role.ADMINISTRATOR))
    assert (await store.account("li.na")).role is Role.OFFICER
    assert await trail(audit) == [("account.add", "account/li.na")]


async def test_two_who_add_the_same_name_at_once_leave_one_account_and_one_entry(store, audit):
    made = await asyncio.gather(
        *(store.add(BOSS, account(role=role)) for role in Role if role is not Role.FEED),
        return_exceptions=True,
    )
    assert made.count(None) == 1
    assert all(isinstance(one, Refused) for one in made if one is not None)
    assert len(await trail(audit)) == 1


async def test_of_two_first_administrators_one_is_made(store, audit, valkey_url, settings, clock):
    elsewhere = connect(valkey_url)
    other = AccountStore(elsewhere, AuditLog(elsewhere, settings.secret, clock), clock)
    firsts = [first_administrator("530111", f"hash {n}", NOON) for n in range(6)]
    made = await asyncio.gather(
        *((store, other)[n % 2].add(BOSS, one, first=True) for n, one in enumerate(firsts)),
        return_exceptions=True,
    )
    assert made.count(None) == 1
    assert len((await store.load()).accounts) == len(await trail(audit)) == 1
    await elsewhere.aclose()


async def test_there_is_no_first_administrator_beside_another_account(store):
    await store.add(BOSS, account())
    with pytest.raises(Refused):
        await store.add(BOSS, first_administrator("530111", "hash", NOON), first=True)
    assert (await store.load()).accounts.keys() == {"li.na"}


async def test_a_change_decided_on_an_old_version_is_refused(store, audit):
    await store.add(BOSS, account())
    changed = await store.change(BOSS, "li.na", {"role": Role.LEADER, "version": 1})
    assert (changed.role, changed.version) == (Role.LEADER, 2)
    with pytest.raises(Stale):
        await store.change(BOSS, "li.na", {"role": Role.ADMINISTRATOR, "version": 1})
    assert await store.account("li.na") == changed
    assert len(await trail(audit)) == 2


async def test_of_changes_at_once_each_is_whole_or_refused(store, audit):
    await store.add(BOSS, account())
    changes = [{"role": role} for role in (Role.VIEWER, Role.LEADER, Role.DISPATCHER)] * 4
    made = await asyncio.gather(
        *(store.change(BOSS, "li.na", one) for one in changes), return_exceptions=True
    )
    done = [one for one in made if not isinstance(one, Exception)]
    assert done
    assert all(isinstance(one, Stale) for one in made if isinstance(one, Exception))
    assert (await store.account("li.na")).version == 1 + len(done)
    assert len(await trail(audit)) == 1 + len(done)


async def test_a_new_password_ends_what_began_before_and_stays_out_of_the_trail(
    store, audit, redis, clock
):
    await store.add(BOSS, account())
    clock.move(60)
    changed = await store.change(BOSS, "li.na", {"password": "a second hash"})
    assert (changed.since_ms, changed.password) == (NOON + 60_000, "a second hash")
    assert (await trail(audit))[-1] == ("account.password", "account/li.na")
    for entry in await audit.entries_before(None, 10):
        assert "hash" not in repr((entry.before, entry.after, entry.detail))


async def test_what_does_not_exist_cannot_be_changed(store, audit):
    for change in (
        store.account("nobody"),
        store.change(BOSS, "nobody", {"role": Role.VIEWER}),
        store.add_token(BOSS, "nobody"),
        store.revoke_token(BOSS, "nobody", "0" * 64),
        store.revoke_display(BOSS, "nobody"),
        store.end(BOSS, "0" * 64, None, "why"),
        store.end(BOSS, "0" * SHORT_ID, None, "why"),
    ):
        with pytest.raises(Missing):
            await change
    assert await trail(audit) == []


async def test_a_token_is_kept_as_its_hash_and_revoked_by_its_short_name(store, audit, redis):
    await store.add(BOSS, account())
    identity, secret = await store.add_token(BOSS, "li.na")
    assert (await store.load()).tokens.keys() == {hash_secret(secret)}
    for key in await redis.keys("*"):
        assert secret.encode() not in await redis.dump(key)
    await store.revoke_token(BOSS, "li.na", identity)
    assert (await store.load()).tokens == {}
    with pytest.raises(Missing):
        await store.revoke_token(BOSS, "li.na", identity)
    assert [action for action, _ in await trail(audit)][1:] == ["token.add", "token.revoke"]


async def test_a_token_is_revoked_only_by_its_owners_name_and_enough_of_its_own(store):
    await store.add(BOSS, account())
    await store.add(BOSS, account("wang.wei"))
    identity, secret = await store.add_token(BOSS, "li.na")
    for name, token in (
        ("wang.wei", identity),
        ("wang.wei", hash_secret(secret)),
        ("li.na", identity[:-1]),
        ("li.na", ""),
    ):
        with pytest.raises(Missing):
            await store.revoke_token(BOSS, name, token)
    assert len((await store.load()).tokens) == 1


async def test_a_session_begins_and_ends_once(store, audit, redis):
    secret = await store.begin(BOSS, session(), STREET, "password")
    hashed = hash_secret(secret)
    assert await store.session(hashed) == session()
    register = await store.load()
    assert (register.sessions, register.last_seen) == ({hashed: session()}, {hashed: NOON})
    ended = await asyncio.gather(
        *(store.end(BOSS, hashed[:SHORT_ID], STREET, "why") for _ in range(5)),
        return_exceptions=True,
    )
    assert ended.count(None) == 1
    register = await store.load()
    assert (register.sessions, register.last_seen) == ({}, {})
    assert [action for action, _ in await trail(audit)] == ["session.begin", "session.end"]


async def test_a_display_is_put_up_once_and_anew_after_it_was_revoked(store, clock):
    first = await store.add_display(BOSS, "hall", STREET)
    with pytest.raises(Refused, match="already"):
        await store.add_display(BOSS, "hall", STREET)
    await store.revoke_display(BOSS, "hall")
    with pytest.raises(Missing):
        await store.revoke_display(BOSS, "hall")
    clock.move(1)
    second = await store.add_display(BOSS, "hall", "530111")
    display = (await store.load()).displays["hall"]
    assert (display.area, display.revoked_ms, display.version) == ("530111", None, 3)
    assert display.secret == hash_secret(second) != hash_secret(first)


async def test_who_was_seen_is_written_down_without_an_entry(store, audit):
    await store.note_seen({})
    await store.note_seen({"a" * 64: NOON + 5})
    assert (await store.load()).last_seen == {"a" * 64: NOON + 5}
    assert await trail(audit) == []


async def test_without_the_store_nothing_is_told_nor_changed(settings, clock, tmp_path):
    away = connect(f"unix://{tmp_path}/nothing.sock")
    store = AccountStore(away, AuditLog(away, settings.secret, clock), clock)
    for asked in (
        store.load(),
        store.account("li.na"),
        store.add(BOSS, account()),
        store.session("0" * 64),
        store.begin(BOSS, session(), STREET, "password"),
        store.note_seen({"a": 1}),
    ):
        with pytest.raises(StoreAway):
            await asked
    await away.aclose()
