"""What a test of attacks needs: accounts with passwords, cookies, and raw requests."""

import asyncio
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import connect

from dashboard.domain.accounts import Account
from dashboard.domain.rights import Role
from dashboard.passwords import hash_password
from dashboard.store.acts import COMMAND_LINE
from tests.conftest import NOON

PASSWORD = "correct horse battery"
HASHED = hash_password(PASSWORD)
AGENT = "Burglar/1.0 (a browser for tests)"
PATIENCE_S = 10


class Visitor:
    """A browser on a stage: it keeps its cookie and says where it comes from."""

    def __init__(self, stage, name="li.na", agent=AGENT):
        self.stage, self.name, self.agent, self.cookie = stage, name, agent, None

    @classmethod
    async def signed_in(cls, stage, role=Role.OFFICER, area=None, name="li.na"):
        account = Account(name, role, area or stage.region.root.code, HASHED, NOON)
        await stage.doors.directory.store.add(COMMAND_LINE, account)
        await stage.doors.directory.reload()
        visitor = cls(stage, name)
        answer = await visitor.enter()
        assert answer.status_code == 303, answer.text
        return visitor

    async def enter(self, password=PASSWORD, **more):
        form = {"name": self.name, "password": password, "next": "/"} | more
        answer = await self.ask("POST", "/login", data=form)
        if "onemap" in answer.cookies:
            self.cookie = f"onemap={answer.cookies['onemap']}"
        return answer

    def headers(self, **more):
        found = {"Origin": self.stage.url, "User-Agent": self.agent}
        found["Accept-Encoding"] = "identity"  # so that sizes can be compared
        if self.cookie:
            found["Cookie"] = self.cookie
        return {k: v for k, v in (found | more).items() if v is not None}

    async def ask(self, method, path, headers=None, **more):
        async with httpx.AsyncClient(base_url=self.stage.url, trust_env=False) as client:
            sent = self.headers(**(headers or {}))
            return await client.request(method, path, headers=sent, **more)

    async def is_in(self):
        status = (await self.ask("GET", "/api/me")).status_code
        assert status in (200, 401), status
        return status == 200

    def socket(self, **more):
        headers = self.headers(**more)
        agent = headers.pop("User-Agent", None)
        address = self.stage.url.replace("http", "ws", 1) + "/live"
        return connect(
            address, proxy=None, max_size=None, additional_headers=headers, user_agent_header=agent
        )


async def closing_code(socket):
    """With what it is closed, read to its end."""
    async with asyncio.timeout(PATIENCE_S):
        await socket.wait_closed()
    return socket.close_code


async def raw(url, *pieces, pause_s=0.0):
    """The answer's first line and all of it, to bytes as they are."""
    place = urlsplit(url)
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause_s)
            whole = b""
            while piece := await reader.read(65_536):
                whole += piece
        except ConnectionError:
            whole = b""
        finally:
            writer.close()
    return whole


def request(stage, method, path, *lines, body=b""):
    """As bytes; `path` goes out as it is written."""
    host = urlsplit(stage.url).netloc
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *lines]
    if body and not any(line.lower().startswith("transfer-encoding") for line in lines):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body


async def audited(stage, action):
    entries = await stage.doors.audit.entries_before(None, 500)
    return [entry for entry in entries if entry.action == action]
