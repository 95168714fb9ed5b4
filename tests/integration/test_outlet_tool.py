"""The tool for outlets: what it prints, what it refuses, what it leaves in the audit trail."""

import io
from argparse import Namespace

import pytest

from dashboard import outlet_tool
from dashboard.config import Settings
from dashboard.domain.outlets import MAX_OUTLETS
from dashboard.errors import Missing, Refused
from dashboard.store import keys
from dashboard.store.audit import AuditLog
from dashboard.store.outlets import OutletStore
from tests.receivers import mailbox, news, receiver, tell

HOOK = "https://hook.example.cn/x?key=very-secret-key"


@pytest.fixture
def use(settings, redis, clock):
    """Runs one of the tools."""

    async def run(tool, name="hook", with_settings=settings, **more):
        return await outlet_tool.TOOLS[tool](
            with_settings, redis, clock, Namespace(name=name, **more)
        )

    return run


def asked(target=HOOK, kind="webhook", **more):
    options = {"area": None, "priority": 4, "what": "raised,cleared", "rules": "", "lang": "zh"}
    return {"target": target, "kind": kind, "drill": False} | options | more


async def test_the_secret_is_printed_and_derived_again(use, settings, redis):
    said = await use("add", **asked(area="530111001", priority=2, rules="gone"))
    outlet, _ = await OutletStore(redis).get("hook")
    secret = outlet.secret(settings.secret)
    assert said.endswith(f"signing secret: {secret}")
    assert await use("secret") == f"signing secret: {secret}"
    assert (outlet.area, outlet.priority, outlet.rules) == ("530111001", 2, ("gone",))
    assert outlet.whats == ("raised", "cleared")


async def test_the_audit_trail_tells_of_it_without_what_is_secret(use, settings, redis, clock):
    await use("add", **asked())
    await use("pause", why="works")
    await use("resume")
    await use("remove")
    entries = await AuditLog(redis, settings.secret, clock).entries(0, 10)
    assert [e.action for e in entries] == [
        f"outlet.{a}" for a in ("add", "pause", "resume", "remove")
    ]
    assert entries[0].after["place"] == "https://hook.example.cn"
    assert b"very-secret-key" not in await redis.dump(keys.AUDIT)
    assert await OutletStore(redis).list() == ()
    left = {key.decode() for key in await redis.keys("*outlet*")}
    assert left == set()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (asked("file:///etc"), "TARGET: the scheme 'file'"),
        (asked(area="999"), "--area: there is no area '999'"),
        (asked(what="raised,exploded"), "--what: 'exploded'"),
        (asked(priority=0), "--priority: expected 1 to 4"),
        (asked("li@example.cn", "email"), "ONEMAP_SMTP: it is not set"),
        (asked("https://cap.example.cn", "cap"), "ONEMAP_CAP_SENDER: it is not set"),
    ],
)
async def test_what_cannot_be_an_outlet_is_refused(use, redis, options, reason):
    with pytest.raises(Refused) as refused:
        await use("add", **options)
    assert reason in str(refused.value)
    assert await OutletStore(redis).list() == ()


async def test_a_folder_has_to_be_there(use, tmp_path, redis):
    able = Settings.from_env({"ONEMAP_DATA": str(tmp_path), "ONEMAP_CAP_SENDER": "one@map"})
    target = (tmp_path / "cap").as_uri()
    with pytest.raises(Refused, match="no folder that this user may write to"):
        await use("add", with_settings=able, **asked(target, "cap"))
    (tmp_path / "cap").mkdir()
    assert "secret" not in await use("add", with_settings=able, **asked(target, "cap"))
    with pytest.raises(Refused, match="not signed"):
        await use("secret")
    await use("drill", end=False)
    assert (await OutletStore(redis).list())[0].drill
    assert "(drill)" in await use("list")
    await use("test", with_settings=able)
    (written,) = (tmp_path / "cap").iterdir()
    assert "<status>Exercise</status>" in written.read_text(encoding="utf-8")


async def test_a_name_is_taken_once(use):
    await use("add", **asked())
    with pytest.raises(Refused, match="there is an outlet 'hook' already"):
        await use("add", **asked("https://other.example.cn/"))


async def test_there_is_a_bound(use, redis):
    for n in range(MAX_OUTLETS):
        await use("add", f"hook{n}", **asked())
    with pytest.raises(Refused, match="32 outlets already"):
        await use("add", "more", **asked())


async def test_a_target_may_come_from_standard_input(use, redis, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{HOOK}\n"))
    await use("add", **asked("-"))
    assert (await OutletStore(redis).list())[0].target == HOOK


@pytest.mark.parametrize("tool", ["remove", "pause", "resume", "secret", "lost", "test", "drill"])
async def test_a_stranger_is_an_error(use, tool):
    with pytest.raises(Missing, match="no outlet 'nobody'"):
        await use(tool, "nobody", why=None, end=False)


async def test_only_cap_knows_drills(use):
    await use("add", **asked())
    with pytest.raises(Refused, match="only cap"):
        await use("drill", end=False)


async def test_the_list_is_a_table(use, redis, clock):
    assert "outlet add NAME" in await use("list")
    await use("add", **asked())
    await use("pause", why=None)
    row = (await use("list")).splitlines()[1].split()
    assert row[:3] == ["hook", "webhook", "https://hook.example.cn"]
    assert "paused" in row
    assert await use("lost") == "hook was told everything so far"


async def test_a_test_goes_out_at_once_and_is_marked(use, redis, settings, clock):
    async with receiver() as hook:
        await use("add", **asked(hook.url))
        assert "took the test in" in await use("test")
        hook.answer = 500
        with pytest.raises(Refused, match="did not arrive: it answered 500"):
            await use("test")
    assert b'"test":true' in hook.taken[0]
    assert b'"type":"test"' in hook.taken[0]
    last = (await AuditLog(redis, settings.secret, clock).entries_before(None, 1))[0]
    assert (last.action, last.detail) == ("outlet.test", "it did not arrive: it answered 500")


async def test_a_test_mail_says_so(use, tmp_path):
    async with mailbox() as box:
        able = Settings.from_env(
            {
                "ONEMAP_DATA": str(tmp_path),
                "ONEMAP_SMTP": f"smtp://127.0.0.1:{box.port}",
                "ONEMAP_MAIL_FROM": "onemap@example.cn",
            }
        )
        await use("add", with_settings=able, **asked("li@example.cn", "email", lang="en"))
        await use("test", with_settings=able)
    assert box.subjects == [
        "[One Map] Test (priority IV): Test of this outlet; nothing is to be done"
    ]


async def test_adding_begins_at_the_end_of_the_log(use, redis, clock):
    await tell(redis, news(1, clock))
    await use("add", **asked())
    store = OutletStore(redis)
    ((last, _),) = await redis.xrange(keys.ALERT_LOG)
    assert (await store.progress((await store.list())[0])).position.id == last.decode()
