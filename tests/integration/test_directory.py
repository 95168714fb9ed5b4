"""Who is let in: told by other processes within a second, and kept while the store is away."""

import asyncio
from dataclasses import replace

import pytest

from dashboard.directory import DISPLAY_UNSEEN_MS, Directory
from dashboard.domain.accounts import Account, Session, SessionKind, hash_secret
from dashboard.domain.rights import Principal, Role
from dashboard.errors import StoreAway
from dashboard.store.accounts import AccountStore
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.audit import AuditLog
from dashboard.store.client import connect
from dashboard.store.embedded import temporary_store
from tests.conftest import NOON

STREET = "530111001"


@pytest.fixture
def audit(redis, settings, clock):
    return AuditLog(redis, settings.secret, clock)


@pytest.fixture
def directory(settings, region, redis, audit, clock):
    return Directory(settings, region, redis, audit, clock)


@pytest.fixture
async def elsewhere(valkey_url, settings, clock):
    """Another process's hands on the same store."""
    client = connect(valkey_url)
    yield AccountStore(client, AuditLog(client, settings.secret, clock), clock)
    await client.aclose()


async def new_account(store, name="li.na", area=STREET):
    await store.add(COMMAND_LINE, Account(name, Role.OFFICER, area, None, NOON))


async def begin(store, clock, owner="li.na", kind=SessionKind.ACCOUNT):
    opened = Session(owner, kind, clock.now_ms(), "203.0.113.5", "Firefox")
    return await store.begin(COMMAND_LINE, opened, STREET, "password")


async def within_a_second(condition):
    async with asyncio.timeout(1):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.005)


async def test_what_another_process_changes_is_known_within_a_second(directory, elsewhere, clock):
    running = asyncio.create_task(directory.run())
    told = []
    directory.on_change(lambda: told.append(len(directory.register.accounts)))
    await new_account(elsewhere)
    await within_a_second(lambda: "li.na" in directory.register.accounts)
    identity, token = await elsewhere.add_token(COMMAND_LINE, "li.na")
    await within_a_second(lambda: directory.by_token(token))
    secret = await begin(elsewhere, clock)
    principal = await directory.by_cookie(secret)
    assert principal == Principal("li.na", Role.OFFICER, STREET, hash_secret(secret))
    await elsewhere.change(COMMAND_LINE, "li.na", {"role": Role.VIEWER})
    await within_a_second(lambda: not directory.is_current(principal))
    assert (await directory.by_cookie(secret)).role is Role.VIEWER
    await elsewhere.revoke_token(COMMAND_LINE, "li.na", identity)
    await within_a_second(lambda: directory.by_token(token) is None)
    await elsewhere.change(COMMAND_LINE, "li.na", {"disabled_ms": NOON})
    await within_a_second(lambda: directory.register.accounts["li.na"].disabled_ms)
    assert await directory.by_cookie(secret) is None
    assert told[-1] == 1
    running.cancel()


async def test_a_session_that_another_process_just_began_is_looked_up(directory, elsewhere, clock):
    await new_account(elsewhere)
    secret = await begin(elsewhere, clock)  # and nothing follows the trail here
    assert (await directory.by_cookie(secret)).name == "li.na"


@pytest.mark.parametrize("secret", ["", "oms_", "oms_" + "a" * 43, "li.na", "\x00", "好"])
async def test_a_secret_that_is_nobodys_opens_nothing(directory, secret):
    await directory.reload()
    assert await directory.by_cookie(secret) is None
    assert directory.by_token(secret) is None


async def test_a_secret_opens_only_as_what_it_is(directory, elsewhere, clock):
    await new_account(elsewhere)
    _, token = await elsewhere.add_token(COMMAND_LINE, "li.na")
    secret = await begin(elsewhere, clock)
    await directory.reload()
    assert await directory.by_cookie(token) is None
    assert directory.by_token(secret) is None
    hashes = (hash_secret(token), hash_secret(secret))
    assert [directory.by_token(one) for one in hashes] == [None, None]
    assert [await directory.by_cookie(one) for one in hashes] == [None, None]


async def test_a_session_ends_when_idle_and_not_while_used(directory, elsewhere, clock, settings):
    await new_account(elsewhere)
    idle, used = await begin(elsewhere, clock), await begin(elsewhere, clock)
    principal = await directory.by_cookie(used)
    clock.move(settings.session_idle_s - 1)
    directory.used(principal)
    clock.move(2)
    assert await directory.by_cookie(idle) is None
    assert await directory.by_cookie(used) == principal


async def test_a_session_ends_after_a_working_day_however_busy(
    directory, elsewhere, clock, settings
):
    await new_account(elsewhere)
    secret = await begin(elsewhere, clock)
    for _ in range(settings.session_s // 3_600):
        assert await directory.by_cookie(secret)
        clock.move(3_600)
    assert await directory.by_cookie(secret)
    clock.move(1)
    assert await directory.by_cookie(secret) is None


async def test_a_new_password_ends_the_sessions_before_it(directory, elsewhere, clock):
    await new_account(elsewhere)
    before = await begin(elsewhere, clock)
    clock.move(1)
    await elsewhere.change(COMMAND_LINE, "li.na", {"password": "hash"})
    after = await begin(elsewhere, clock)
    await directory.reload()
    assert await directory.by_cookie(before) is None
    assert await directory.by_cookie(after)


async def test_a_wall_stays_for_weeks_until_it_is_revoked(directory, elsewhere, clock):
    await elsewhere.add_display(COMMAND_LINE, "hall", STREET)
    secret = await begin(elsewhere, clock, "hall", SessionKind.DISPLAY)
    clock.move(DISPLAY_UNSEEN_MS // 1000)
    assert (await directory.by_cookie(secret)).role is Role.WALL
    await elsewhere.revoke_display(COMMAND_LINE, "hall")
    clock.move(1)
    await elsewhere.add_display(COMMAND_LINE, "hall", STREET)
    await directory.reload()
    assert await directory.by_cookie(secret) is None  # put up anew: by its new address alone


async def test_a_wall_is_not_the_account_of_its_name(directory, elsewhere, clock):
    await new_account(elsewhere, "hall")
    secret = await begin(elsewhere, clock, "hall", SessionKind.DISPLAY)
    assert await directory.by_cookie(secret) is None


async def test_an_area_that_the_pack_lacks_opens_nothing(directory, elsewhere, clock):
    await new_account(elsewhere, area="999")
    _, token = await elsewhere.add_token(COMMAND_LINE, "li.na")
    secret = await begin(elsewhere, clock)
    await directory.reload()
    assert directory.by_token(token) is None
    assert await directory.by_cookie(secret) is None


async def test_what_is_over_is_swept_and_what_was_seen_is_kept(
    directory, elsewhere, audit, clock, settings
):
    await new_account(elsewhere)
    idle, used = await begin(elsewhere, clock), await begin(elsewhere, clock)
    clock.move(settings.session_idle_s)
    await directory.by_cookie(used)
    clock.move(1)
    await directory.sweep()
    register = await elsewhere.load()
    assert register.sessions.keys() == register.last_seen.keys() == {hash_secret(used)}
    assert register.last_seen[hash_secret(used)] == NOON + settings.session_idle_s * 1000
    assert await directory.by_cookie(idle) is None
    newest = (await audit.entries_before(None, 1))[0]
    assert (newest.action, newest.detail) == ("session.end", "its time was over")


async def test_a_store_set_back_is_believed(directory, elsewhere, redis):
    """It lost its last entries: what it says now is what holds."""
    for n in range(5):
        await new_account(elsewhere, f"officer{n}")
    await directory.reload()
    await redis.flushall()
    await new_account(elsewhere, "wang.wei")
    await directory.reload()
    assert directory.register.accounts.keys() == {"wang.wei"}


async def test_while_the_store_is_away_those_who_are_in_go_on(settings, region, clock, tmp_path):
    with temporary_store(tmp_path / "store") as url:
        client = connect(url)
        audit = AuditLog(client, settings.secret, clock)
        directory = Directory(replace(settings, session_idle_s=60), region, client, audit, clock)
        await new_account(directory.store)
        _, token = await directory.store.add_token(COMMAND_LINE, "li.na")
        secret = await begin(directory.store, clock)
        with pytest.raises(StoreAway):
            directory.by_token(token)  # nothing was read yet
        await directory.reload()
    for _ in range(5):
        clock.move(50)
        assert (await directory.by_cookie(secret)).name == "li.na"
        assert directory.by_token(token).name == "li.na"
        sweeping = asyncio.create_task(directory.sweep())
        while not sweeping.done():
            assert await directory.by_cookie(secret)
            await asyncio.sleep(0)
        assert isinstance(sweeping.exception(), StoreAway)
    with pytest.raises(StoreAway):
        await directory.by_cookie("oms_unknown")
    clock.move(61)
    assert await directory.by_cookie(secret) is None  # time goes on all the same
    await client.aclose()
