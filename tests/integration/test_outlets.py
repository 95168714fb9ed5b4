"""What is told outside arrives, signed, once for each id, in order, whatever happens meanwhile."""

import asyncio
import hashlib
import hmac
import json
import logging

import msgspec
import pytest

from dashboard.clock import DAY_MS, SystemClock
from dashboard.config import Settings
from dashboard.domain.outlets import DIGEST_MS, OutletState
from dashboard.store import keys
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.audit import AuditLog
from dashboard.store.outlets import OutletStore, removing
from tests.program import two_free_ports
from tests.receivers import (
    add_outlet,
    mailbox,
    news,
    notifying,
    outlet,
    receiver,
    tell,
    until,
)


@pytest.fixture
def clock():
    return SystemClock()


@pytest.fixture
def send_to(redis, settings, clock):
    """Adds an outlet."""

    async def add(target, kind="webhook", **more):
        return await add_outlet(redis, settings, clock, outlet(clock, target, kind, **more))

    return add


@pytest.fixture
def health(redis):
    async def of(name="hook"):
        return (await OutletStore(redis).health()).get(name)

    return of


async def test_news_is_posted_with_a_signature_over_time_and_body(
    redis, settings, region, clock, send_to, health
):
    async with receiver() as hook:
        made = await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(7, clock))
            await until(lambda: hook.calls)
            await until(lambda: settled(health))
    ((status, headers, body),) = hook.calls
    told = json.loads(body)
    assert status == 200
    assert told["type"] == "alert.raised"
    assert (told["test"], told["simulated"]) == (False, False)
    assert (told["alert"]["id"], told["alert"]["priority"]) == ("gone:7", 2)
    assert told["alert"]["area_name"] == region.by_code["530111001"].name
    assert headers["content-type"] == "application/json"
    assert headers["x-onemap-delivery"] == told["id"]
    stamp = headers["x-onemap-timestamp"]
    assert abs(int(stamp) - clock.now_ms() / 1000) < 30
    secret = made.secret(settings.secret).encode()
    expected = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["x-onemap-signature"] == f"v1={expected}"


async def settled(health, name="hook"):
    found = await health(name)
    return found is not None and found.waiting == 0 and found.n_delivered and found


async def test_the_filter_decides_what_is_told(redis, settings, region, clock, send_to, health):
    async with receiver() as hook:
        await send_to(
            hook.url, area="530111001", priority=2, whats=("raised", "cleared"), rules=("gone",)
        )
        async with notifying(settings, region, redis, clock):
            await tell(
                redis,
                news(1, clock, area="530111"),
                news(2, clock, priority=3),
                news(3, clock, what="again"),
                news(4, clock, rule="other"),
                news(5, clock, area="nowhere"),
            )
            inside = region.children("530111001")[0].code
            await tell(redis, news(6, clock, area=inside, priority=1, what="cleared"))
            await until(lambda: settled(health))
    assert [n for n, _ in hook.told] == [6]


async def test_a_new_outlet_is_not_told_what_was_before_it(
    redis, settings, region, clock, send_to, health
):
    await tell(redis, news(1, clock))
    async with receiver() as hook:
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(2, clock))
            await until(lambda: settled(health))
    assert [n for n, _ in hook.told] == [2]


async def test_what_fails_is_tried_again_with_the_same_id(
    redis, settings, region, clock, send_to, health
):
    async with receiver() as hook:
        hook.answers = [500, 503]
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(1, clock))
            failing = await until(lambda: is_failing(health))
            assert failing.error == "it answered 500"
            assert (failing.waiting, failing.lost) == (1, 0)
            await until(lambda: settled(health))
        end = await health()
    assert [status for status, _, _ in hook.calls] == [500, 503, 200]
    assert len({headers["x-onemap-delivery"] for _, headers, _ in hook.calls}) == 1
    assert (end.attempts, end.waiting, end.n_delivered) == (0, 0, 1)


async def is_failing(health, name="hook"):
    found = await health(name)
    return found if found and found.attempts else None


async def test_news_waits_for_a_receiver_that_is_not_there_yet(
    redis, settings, region, clock, send_to, health
):
    port = two_free_ports()
    await send_to(f"http://127.0.0.1:{port}/")
    async with notifying(settings, region, redis, clock):
        await tell(redis, news(1, clock), news(2, clock))
        assert "refused" in (await until(lambda: is_failing(health))).error
        async with receiver(port) as hook:
            await until(lambda: len(hook.told) == 2)
    assert {n for n, _ in hook.told} == {1, 2}


async def test_one_alert_stays_in_order_while_others_pass(redis, settings, region, clock, send_to):
    """What was refused for its own sake holds back only what comes after it of the same alert."""
    async with receiver() as hook:
        hook.answers = [422]
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(
                redis,
                news(1, clock, alert="a"),
                news(2, clock, alert="a", what="cleared"),
                news(3, clock, alert="b"),
            )
            await until(lambda: len(hook.told) == 3)
    assert [n for n, _ in hook.told] == [3, 1, 2]


async def test_a_receiver_that_hangs_delays_no_other(redis, settings, region, clock, send_to):
    async with receiver() as slow, receiver() as quick:
        slow.is_open.clear()
        await send_to(slow.url, name="slow")
        await send_to(quick.url, name="quick")
        async with notifying(settings, region, redis, clock):
            await tell(redis, *(news(n, clock) for n in range(1, 31)))
            await until(lambda: len(quick.told) == 30, within_s=8)
            assert slow.told == []
            slow.is_open.set()


async def test_a_redirect_is_not_followed(redis, settings, region, clock, send_to, health):
    async with receiver() as hook:
        hook.answer = 307
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(1, clock))
            failing = await until(lambda: is_failing(health))
            assert failing.error == "it answered 307"
    assert hook.told == []


async def test_410_pauses_the_outlet_in_the_audit_trail(
    redis, settings, region, clock, send_to, health
):
    async with receiver() as hook:
        hook.answers = [410]
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(1, clock))
            store = OutletStore(redis)
            await until(lambda: is_paused(store))
            await tell(redis, news(2, clock))
            await asyncio.sleep(2.5)
            assert len(hook.calls) == 1
    held, _ = await store.get("hook")
    assert (await health()).state(held, clock.now_ms()) is OutletState.PAUSED
    last = (await AuditLog(redis, settings.secret, clock).entries_before(None, 1))[0]
    assert (last.action, last.actor, last.subject) == ("outlet.pause", "notifier", "outlet/hook")
    assert last.detail == "it answered 410: it wants nothing any more"


async def is_paused(store):
    return (await store.list())[0].paused_ms is not None


async def test_what_was_removed_is_not_written_back(
    redis, settings, region, clock, send_to, health
):
    """Not even by a delivery that was under way, when another of that name is there already."""
    async with receiver() as hook, receiver() as other:
        hook.is_open.clear()
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(1, clock))
            await until(lambda: redis.hlen(keys.outlet_queue("hook")))
            held, stored = await OutletStore(redis).get("hook")
            checks, writes = removing(held, stored)
            act = COMMAND_LINE.act("outlet.remove", "outlet/hook", checks=checks, writes=writes)
            await AuditLog(redis, settings.secret, clock).commit(act)
            await send_to(other.url)
            hook.is_open.set()
            await tell(redis, news(2, clock))
            await until(lambda: other.told)
            await until(lambda: settled(health))
    assert [n for n, _ in other.told] == [2]
    assert await redis.hlen(keys.outlet_queue("hook")) == 0


async def test_what_was_trimmed_from_the_log_is_counted_as_missed(
    redis, settings, region, clock, send_to, health
):
    async with receiver() as hook:
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(10, clock))
            await until(lambda: settled(health))
        await tell(redis, *(news(n, clock) for n in range(11, 15)))
        await redis.xtrim(keys.ALERT_LOG, maxlen=0)
        await tell(redis, news(15, clock))
        async with notifying(settings, region, redis, clock):
            await until(lambda: len(hook.told) == 2)
            await until(lambda: settled(health))
        assert (await health()).missed == 4


async def test_numbers_that_start_again_are_not_missed(
    redis, settings, region, clock, send_to, health
):
    """A made-up day was forgotten."""
    async with receiver() as hook:
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(10, clock))
            await until(lambda: len(hook.told) == 1)
            await redis.delete(keys.ALERT_LOG)
            await asyncio.sleep(0.01)
            await tell(redis, news(1, clock))
            await tell(redis, news(2, clock))
            await until(lambda: len(hook.told) == 3)
        assert (await health()).missed == 0


async def test_a_store_that_was_away_loses_nothing(redis, settings, region, clock, send_to):
    """Every connection of the notifier is cut again and again while it delivers."""
    async with receiver() as hook:
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            for n in range(1, 41):
                await tell(redis, news(n, clock, alert="a"))
                if n % 10 == 0:
                    await redis.client_kill_filter(_type="normal", skipme=True)
                    await asyncio.sleep(0.3)
            await until(lambda: {n for n, _ in hook.told} == set(range(1, 41)), within_s=30)
    first = list(dict.fromkeys(n for n, _ in hook.told))
    assert first == sorted(first)
    assert len(set(hook.told)) == 40


# ---- given up --------------------------------------------------------------------------------


class Moving(SystemClock):
    """The machine's clock, moved on."""

    def __init__(self):
        self.ahead_ms = 0

    def now_ms(self):
        return super().now_ms() + self.ahead_ms


async def test_after_two_days_it_is_given_up_and_said(redis, settings, region, send_to, health):
    clock = Moving()
    async with receiver() as hook:
        hook.answer = 500
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(1, clock))
            await until(lambda: is_failing(health))
            clock.ahead_ms = 2 * DAY_MS - 60_000
            await asyncio.sleep(1)
            assert (await health()).lost == 0
            clock.ahead_ms = 2 * DAY_MS + 1_000
            await until(lambda: has_lost(health))
    (lost,) = await OutletStore(redis).lost("hook")
    assert (lost.n, lost.alert, lost.error) == (1, "gone:1", "it answered 500")
    assert lost.attempts >= 1
    assert await redis.hlen(keys.outlet_queue("hook")) == 0


async def has_lost(health):
    found = await health()
    return found is not None and found.lost == 1


# ---- mail ------------------------------------------------------------------------------------


@pytest.fixture
def mail_settings(settings, tmp_path):
    def to(port):
        return Settings.from_env(
            {
                "ONEMAP_DATA": str(tmp_path),
                "ONEMAP_SMTP": f"smtp://127.0.0.1:{port}",
                "ONEMAP_MAIL_FROM": "onemap@example.cn",
            }
        )

    return to


async def test_several_news_go_as_one_mail_and_what_is_urgent_at_once(
    redis, mail_settings, region, send_to, health
):
    clock = Moving()
    async with mailbox() as box:
        await send_to("li@example.cn, zhao@example.cn", "email")
        async with notifying(mail_settings(box.port), region, redis, clock):
            await tell(redis, news(1, clock), news(2, clock), news(3, clock, priority=1))
            await until(lambda: box.mails)
            await asyncio.sleep(1)
            assert box.subjects == ["[一张图] 告警（I 级）：录像机3离线"]
            clock.ahead_ms = DIGEST_MS
            await until(lambda: len(box.mails) == 2)
            await until(lambda: settled(health))
    assert box.subjects[1] == "[一张图] 2 条告警消息，最高 II 级"
    recipients, mail = box.mails[1]
    assert recipients == ["li@example.cn", "zhao@example.cn"]
    text = mail.get_content()
    assert text.index("录像机1离线") < text.index("录像机2离线")
    assert "87.5" in text
    assert mail["From"] == "onemap@example.cn"
    assert len(mail["X-OneMap-Delivery"].split()) == 2


async def test_mail_in_english_cannot_be_given_headers_by_a_title(
    redis, mail_settings, region, clock, send_to
):
    title = "Gone\r\nBcc: everybody@example.com"
    async with mailbox() as box:
        await send_to("li@example.cn", "email", lang="en")
        async with notifying(mail_settings(box.port), region, redis, clock):
            await tell(redis, news(1, clock, priority=1, title_en=title))
            await until(lambda: box.mails)
    ((recipients, mail),) = box.mails
    assert recipients == ["li@example.cn"]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[One Map] Alert (priority I): Gone  Bcc: everybody@example.com"


async def test_mail_that_is_not_taken_is_tried_again_as_the_same(
    redis, mail_settings, region, clock, send_to, health
):
    async with mailbox() as box:
        box.answer = "451 come back"
        await send_to("li@example.cn", "email")
        async with notifying(mail_settings(box.port), region, redis, clock):
            await tell(redis, news(1, clock, priority=1))
            assert (await until(lambda: is_failing(health))).error == "the mail server answered 451"
            box.answer = None
            await until(lambda: box.mails)
            await until(lambda: settled(health))
    assert len(box.mails) == 1


# ---- secrets ---------------------------------------------------------------------------------


async def test_no_secret_reaches_log_or_store(
    redis, settings, region, clock, send_to, health, caplog
):
    caplog.set_level(logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # as app.py does
    port = two_free_ports()
    made = await send_to(f"http://127.0.0.1:{port}/?key=very-secret-key")
    secret = made.secret(settings.secret)
    async with notifying(settings, region, redis, clock):
        await tell(redis, news(1, clock))
        failing = await until(lambda: is_failing(health))
    assert "very-secret-key" not in caplog.text + failing.error
    assert secret not in caplog.text
    for key in await redis.keys("*"):
        held = await redis.dump(key)
        assert secret.encode() not in held
        if key.decode() != keys.OUTLETS:
            assert b"very-secret-key" not in held, key


async def test_a_queue_has_a_bound_and_the_log_holds_the_rest(
    redis, settings, region, clock, send_to, monkeypatch
):
    monkeypatch.setattr(keys, "OUTLET_QUEUE_MAX", 20)
    async with receiver() as hook:
        hook.answer = 500
        await send_to(hook.url)
        async with notifying(settings, region, redis, clock):
            for n in range(1, 61):
                await tell(redis, news(n, clock))
            await until(lambda: redis.hlen(keys.outlet_queue("hook")))
            await asyncio.sleep(1.5)
            assert await redis.hlen(keys.outlet_queue("hook")) == 20
            hook.answer = 200
            await until(lambda: len(hook.told) == 60, within_s=30)
    assert len({n for n, _ in hook.told}) == 60


def test_a_row_of_the_queue_is_small():
    """Memory is bounded by rows: what a row may hold is bounded by the board's titles."""
    row = msgspec.msgpack.encode(news(1, SystemClock(), title="长" * 300, note="长" * 300))
    assert len(row) < 4_096
