"""Through a real identity provider into the whole program: session, rights, and what is noted."""

import socket

import httpx
import pytest

from app import create_web
from dashboard.clock import SystemClock
from dashboard.config import Settings
from dashboard.domain.accounts import Account
from dashboard.domain.rights import Role
from dashboard.frames import with_frames
from dashboard.store.accounts import AccountStore
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.audit import AuditLog
from tests.serving import serving

STREET = "530111001"


@pytest.fixture
def audit(settings, redis):
    return AuditLog(redis, settings.secret, SystemClock())


@pytest.fixture
async def site(identity, settings, redis):
    """The program's address; the group `desk` makes a dispatcher of one street."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client, secret = identity.register(f"http://127.0.0.1:{port}/login/oidc/callback")
    environ = {
        "ONEMAP_DATA": str(settings.data),
        "ONEMAP_OIDC_ISSUER": identity.issuer,
        "ONEMAP_OIDC_CLIENT_ID": client,
        "ONEMAP_OIDC_CLIENT_SECRET": secret,
        "ONEMAP_OIDC_NAME": "统一身份认证",
        "ONEMAP_OIDC_RIGHTS": f"desk=dispatcher:{STREET}",
    }
    server, sockets = create_web(Settings.from_env(environ), redis, SystemClock())
    async with serving(server, port, ws=with_frames(sockets), lifespan="on") as url:
        yield url


@pytest.fixture
async def browser():
    async with httpx.AsyncClient(trust_env=False) as browser:
        yield browser


async def sign_in(identity, browser, site, person):
    """The answer to the browser that the provider sent back."""
    start = await browser.get(f"{site}/login/oidc?next=/map%3Flayer%3Dopen")
    return await browser.get(await identity.sign_in(browser, start.headers["location"], person))


async def test_a_dispatcher_of_a_street_comes_in_and_sees_that_street(
    identity, browser, site, audit
):
    assert "统一身份认证" in (await browser.get(f"{site}/login")).text
    answer = await sign_in(identity, browser, site, "wang.fang")
    assert (answer.status_code, answer.headers["location"]) == (303, "/map?layer=open")
    assert "HttpOnly" in answer.headers["set-cookie"]
    me = (await browser.get(f"{site}/api/me")).json()
    assert (me["name"], me["role"], me["area"]) == ("wang.fang", "dispatcher", STREET)
    noted = [(e.action, e.subject, e.area) for e in await audit.entries(0, 10)]
    assert noted == [
        ("account.add", "account/wang.fang", STREET),
        ("session.begin", "account/wang.fang", STREET),
    ]
    again = await sign_in(identity, browser, site, "wang.fang")
    assert again.headers["location"] == "/map?layer=open"
    assert [e.action for e in await audit.entries(2, 10)] == ["session.begin"]


async def test_what_the_provider_says_now_counts(identity, browser, site, redis, audit, settings):
    await sign_in(identity, browser, site, "wang.fang")
    accounts = AccountStore(redis, audit, SystemClock())
    await accounts.change(COMMAND_LINE, "wang.fang", {"role": Role.ADMINISTRATOR})
    await sign_in(identity, browser, site, "wang.fang")
    assert (await browser.get(f"{site}/api/me")).json()["role"] == "dispatcher"


async def test_who_gets_another_role_there_leaves_the_department_here(
    identity, browser, site, redis, audit
):
    await sign_in(identity, browser, site, "wang.fang")
    accounts = AccountStore(redis, audit, SystemClock())
    given = {"role": Role.DEPARTMENT, "department": "paishui"}
    await accounts.change(COMMAND_LINE, "wang.fang", given)
    await sign_in(identity, browser, site, "wang.fang")
    me = (await browser.get(f"{site}/api/me")).json()
    assert (me["role"], me["department"]) == ("dispatcher", None)


async def test_a_local_account_of_that_name_is_not_taken_over(
    identity, browser, site, redis, audit, region
):
    local = Account("wang.fang", Role.ADMINISTRATOR, region.root.code, None, 0)
    await AccountStore(redis, audit, SystemClock()).add(COMMAND_LINE, local)
    answer = await sign_in(identity, browser, site, "wang.fang")
    assert answer.headers["location"] == "/login?problem=no_rights"
    assert (await browser.get(f"{site}/api/me")).status_code == 401
    last = (await audit.entries_before(None, 1))[0]
    assert (last.action, last.outcome) == ("session.begin", "refused")


async def test_who_was_disabled_here_does_not_come_in_from_there(
    identity, browser, site, redis, audit
):
    await sign_in(identity, browser, site, "wang.fang")
    accounts = AccountStore(redis, audit, SystemClock())
    await accounts.change(COMMAND_LINE, "wang.fang", {"disabled_ms": 1})
    answer = await sign_in(identity, browser, site, "wang.fang")
    assert answer.headers["location"] == "/login?problem=no_rights"
