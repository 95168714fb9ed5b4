"""Receivers of notifications on real sockets of this machine, and news for them."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from email import message_from_bytes, policy

import msgspec
from aiosmtpd.smtp import SMTP

from dashboard import outlets
from dashboard.domain.alerts import AlertNews
from dashboard.domain.outlets import Outlet, OutletKind
from dashboard.store import keys
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.alert_log import AlertLog
from dashboard.store.audit import AuditLog
from dashboard.store.outlets import adding
from tests.serving import serving

PATIENCE_S = 15


class Receiver:
    """Takes what is posted; answers what `answers` says, then 200."""

    def __init__(self):
        self.calls, self.answers, self.url = [], [], None
        self.answer = 200
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            part = await receive()
            if part["type"] == "http.disconnect":
                return  # cut off amid the body
            body, more = body + part.get("body", b""), part.get("more_body", False)
        await self.is_open.wait()
        status = self.answers.pop(0) if self.answers else self.answer
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.calls.append((status, headers, body))
        more = [(b"location", b"/elsewhere")] if status in (301, 302, 307, 308) else []
        await send({"type": "http.response.start", "status": status, "headers": more})
        await send({"type": "http.response.body", "body": b"secret words of the receiver"})

    @property
    def taken(self):
        """Bodies that were answered 2xx, in order."""
        return [body for status, _, body in self.calls if 200 <= status < 300]

    @property
    def told(self):
        """The same of a webhook: (number of the news, its delivery id)."""
        bodies = [json.loads(body) for body in self.taken]
        return [(body["alert"]["news"], body["id"]) for body in bodies]


@asynccontextmanager
async def receiver(port=0):
    found = Receiver()
    async with serving(found, port) as url:
        found.url = f"{url}/hook?key=very-secret-key"
        found.port = int(url.rpartition(":")[2])
        yield found


class Mailbox:
    """Takes mail; answers `answer` to a message instead, where there is one."""

    def __init__(self):
        self.mails, self.answer, self.port = [], None, None

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  # aiosmtpd's name
        if self.answer is not None:
            return self.answer
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos, mail))
        return "250 taken"

    @property
    def subjects(self):
        return [str(mail["Subject"]).strip() for _, mail in self.mails]


@asynccontextmanager
async def mailbox():
    found, loop = Mailbox(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(found, enable_SMTPUTF8=True), "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


# ---- outlets and news ------------------------------------------------------------------------


def outlet(clock, target, kind="webhook", **more):
    fields = {"name": "hook", "created_ms": clock.now_ms()} | more
    return Outlet(kind=OutletKind(kind), target=target, **fields)


async def add_outlet(redis, settings, clock, made):
    checks, writes = adding(made, await AlertLog(redis).last_position())
    act = COMMAND_LINE.act("outlet.add", f"outlet/{made.name}", checks=checks, writes=writes)
    await AuditLog(redis, settings.secret, clock).commit(act)
    return made


def news(n, clock, **more):
    fields = {
        "alert": f"gone:{n}",
        "what": "raised",
        "rule": "gone",
        "rule_version": 3,
        "kind": "device_gone",
        "source": str(n),
        "title": f"录像机{n}离线",
        "title_en": f"Recorder {n} is gone",
        "area": "530111001",
        "priority": 2,
        "tier": "street",
        "rang": True,
        "value": 87.5,
    }
    return AlertNews(n=n, at_ms=clock.now_ms(), **fields | more)


async def tell(redis, *lines):
    """As the board tells it: one entry."""
    await redis.xadd(keys.ALERT_LOG, {"n": msgspec.msgpack.encode(lines)})


@asynccontextmanager
async def notifying(settings, region, redis, clock):
    task = asyncio.create_task(outlets.run(settings, region, redis, clock))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition, within_s=PATIENCE_S):
    """`condition` may be a coroutine function; its first true value."""
    async with asyncio.timeout(within_s):
        while True:
            found = condition()
            found = await found if asyncio.iscoroutine(found) else found
            if found:
                return found
            await asyncio.sleep(0.02)
