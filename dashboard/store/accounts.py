"""Accounts, tokens, displays and sessions in the store; every change with its audit entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
from redis.asyncio import Redis

from dashboard.clock import Clock
from dashboard.domain.accounts import (
    DISPLAY_PREFIX,
    SESSION_PREFIX,
    SHORT_ID,
    TOKEN_PREFIX,
    Account,
    Display,
    Session,
    Token,
    hash_secret,
    new_secret,
)
from dashboard.domain.rights import Role
from dashboard.errors import Conflict, Missing, Refused, Stale
from dashboard.store import keys
from dashboard.store.acts import Act, Actor, Check
from dashboard.store.audit import AuditLog
from dashboard.store.client import reported

_encode = msgspec.json.Encoder().encode
_account = msgspec.json.Decoder(Account)
_token = msgspec.json.Decoder(Token)
_display = msgspec.json.Decoder(Display)
_session = msgspec.json.Decoder(Session)


@dataclass(slots=True)
class Register:
    """All of it as of one moment. Sessions and tokens by the hash of their secret."""

    accounts: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    displays: dict[str, Display] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    last_seen: dict[str, int] = field(default_factory=dict)
    head: int = 0  # number of the audit entry before which all of it was read


class AccountStore:
    """Reads the register; every change is checked, made and audited in one step."""

    def __init__(self, redis: Redis, audit: AuditLog, clock: Clock) -> None:
        self._redis = redis
        self._audit = audit
        self._clock = clock

    async def load(self) -> Register:
        """Raises StoreAway."""
        with reported():
            async with self._redis.pipeline(transaction=True) as pipe:
                for key in (keys.ACCOUNTS, keys.TOKENS, keys.DISPLAYS, keys.SESSIONS):
                    pipe.hgetall(key)
                pipe.hgetall(keys.LAST_SEEN)
                pipe.hget(keys.AUDIT_HEAD, "n")
                accounts, tokens, displays, sessions, seen, head = await pipe.execute()
        return Register(
            accounts=_decoded(accounts, _account),
            tokens=_decoded(tokens, _token),
            displays=_decoded(displays, _display),
            sessions=_decoded(sessions, _session),
            last_seen={row.decode(): int(ms) for row, ms in seen.items()},
            head=int(head or 0),
        )

    # ---- accounts ----------------------------------------------------------------------------

    async def add(self, actor: Actor, account: Account, *, first: bool = False) -> None:
        """`first`: only while there is none at all. Raises Refused, StoreAway."""
        absent = Check(key=keys.ACCOUNTS) if first else _holds(keys.ACCOUNTS, account.name, None)
        act = actor.act(
            "account.add",
            f"account/{account.name}",
            area=account.area,
            version=0,
            after=_told(account),
            checks=(absent,),
            writes=(_put(keys.ACCOUNTS, account.name, account),),
        )
        try:
            await self._audit.commit(act)
        except Conflict as error:
            raise Refused("name", f"there is an account {account.name!r} already") from error

    async def account(self, name: str) -> Account:
        """Raises Missing, StoreAway."""
        return (await self._account(name))[0]

    async def _account(self, name: str) -> tuple[Account, bytes]:
        held = await self._held(keys.ACCOUNTS, name)
        if held is None:
            raise Missing("account", name)
        return _account.decode(held), held

    async def change(self, actor: Actor, name: str, changed: Mapping[str, Any]) -> Account:
        """Set role, area, password or disabled_ms; `version`, if given, must be the present one.

        Raises Missing, Stale, StoreAway.
        """
        before, held = await self._account(name)
        if changed.get("version", before.version) != before.version:
            raise Stale("account", name)
        fields = {k: v for k, v in changed.items() if k != "version"}
        if "password" in fields:
            fields["since_ms"] = self._clock.now_ms()
        after = msgspec.structs.replace(before, **fields, version=before.version + 1)
        act = actor.act(
            "account.password" if "password" in fields else "account.change",
            f"account/{name}",
            area=before.area,
            version=before.version,
            before=_told(before),
            after=_told(after),
            checks=(_holds(keys.ACCOUNTS, name, held),),
            writes=(_put(keys.ACCOUNTS, name, after),),
        )
        await self._commit(act, "account", name)
        return after

    # ---- tokens ------------------------------------------------------------------------------

    async def add_token(self, actor: Actor, name: str) -> tuple[str, str]:
        """(id, secret) of a new token of the account. Raises Missing, StoreAway."""
        account, held = await self._account(name)
        secret = new_secret(TOKEN_PREFIX)
        hashed = hash_secret(secret)
        act = actor.act(
            "token.add",
            f"account/{name}",
            area=account.area,
            after={"token": hashed[:SHORT_ID]},
            checks=(_holds(keys.ACCOUNTS, name, held),),
            writes=(_put(keys.TOKENS, hashed, Token(name, self._clock.now_ms())),),
        )
        await self._commit(act, "account", name)
        return hashed[:SHORT_ID], secret

    async def revoke_token(self, actor: Actor, name: str, token: str) -> None:
        """Raises Missing, StoreAway."""
        hashed = await self._named(keys.TOKENS, token, "token")
        body = await self._held(keys.TOKENS, hashed)
        if body is None or _token.decode(body).account != name:
            raise Missing("token", token)
        account = await self.account(name)
        act = actor.act(
            "token.revoke",
            f"account/{name}",
            area=account.area,
            before={"token": token},
            checks=(_holds(keys.TOKENS, hashed, body),),
            writes=(("HDEL", keys.TOKENS, hashed), ("HDEL", keys.LAST_SEEN, hashed)),
        )
        await self._commit(act, "token", token)

    # ---- displays ----------------------------------------------------------------------------

    async def add_display(self, actor: Actor, name: str, area: str) -> str:
        """The secret for its address; a revoked display of that name is put up anew.

        Raises Refused, StoreAway.
        """
        held = await self._held(keys.DISPLAYS, name)
        before = None if held is None else _display.decode(held)
        if before is not None and before.revoked_ms is None:
            raise Refused("name", f"there is a display {name!r} already")
        secret = new_secret(DISPLAY_PREFIX)
        version = 1 if before is None else before.version + 1
        display = Display(name, area, hash_secret(secret), self._clock.now_ms(), version)
        act = actor.act(
            "display.add",
            f"display/{name}",
            area=area,
            after={"area": area},
            checks=(_holds(keys.DISPLAYS, name, held),),
            writes=(_put(keys.DISPLAYS, name, display),),
        )
        try:
            await self._audit.commit(act)
        except Conflict as error:
            raise Refused("name", f"there is a display {name!r} already") from error
        return secret

    async def revoke_display(self, actor: Actor, name: str) -> None:
        """Its address and every screen that used it stop working. Raises Missing, StoreAway."""
        held = await self._held(keys.DISPLAYS, name)
        before = None if held is None else _display.decode(held)
        if before is None or before.revoked_ms is not None:
            raise Missing("display", name)
        after = msgspec.structs.replace(
            before, revoked_ms=self._clock.now_ms(), version=before.version + 1
        )
        act = actor.act(
            "display.revoke",
            f"display/{name}",
            area=before.area,
            version=before.version,
            checks=(_holds(keys.DISPLAYS, name, held),),
            writes=(_put(keys.DISPLAYS, name, after),),
        )
        await self._commit(act, "display", name)

    # ---- sessions ----------------------------------------------------------------------------

    async def begin(self, actor: Actor, session: Session, area: str, how: str) -> str:
        """The secret of a new session; `how` it was opened is noted. Raises StoreAway."""
        secret = new_secret(SESSION_PREFIX)
        hashed = hash_secret(secret)
        act = actor.act(
            "session.begin",
            f"{session.kind.value}/{session.owner}",
            area=area,
            after={"session": hashed[:SHORT_ID], "how": how},
            writes=(
                _put(keys.SESSIONS, hashed, session),
                ("HSET", keys.LAST_SEEN, hashed, session.began_ms),
            ),
        )
        await self._audit.commit(act)
        return secret

    async def session(self, hashed: str) -> Session | None:
        """Raises StoreAway."""
        held = await self._held(keys.SESSIONS, hashed)
        return None if held is None else _session.decode(held)

    async def end(self, actor: Actor, session: str, area: str | None, why: str) -> None:
        """`session`: its hash or the beginning of it. Raises Missing, StoreAway."""
        hashed = await self._named(keys.SESSIONS, session, "session")
        held = await self._held(keys.SESSIONS, hashed)
        if held is None:
            raise Missing("session", session)
        ended = _session.decode(held)
        act = actor.act(
            "session.end",
            f"{ended.kind.value}/{ended.owner}",
            area=area,
            before={"session": hashed[:SHORT_ID]},
            detail=why,
            checks=(_holds(keys.SESSIONS, hashed, held),),
            writes=(("HDEL", keys.SESSIONS, hashed), ("HDEL", keys.LAST_SEEN, hashed)),
        )
        await self._commit(act, "session", session)

    async def done(self, request: str) -> bytes | None:
        """What a request was answered that was made once before. Raises StoreAway."""
        with reported():
            return cast("bytes | None", await self._redis.get(request))

    async def note_seen(self, seen: Mapping[str, int]) -> None:
        """When sessions and tokens were last used, ms by hash. Raises StoreAway."""
        if seen:
            with reported():
                await self._redis.hset(
                    keys.LAST_SEEN, mapping={h: str(ms) for h, ms in seen.items()}
                )

    # ---- what all share ----------------------------------------------------------------------

    async def _held(self, key: str, name: str) -> bytes | None:
        with reported():
            return cast("bytes | None", await self._redis.hget(key, name))

    async def _named(self, key: str, beginning: str, kind: str) -> str:
        """The only field that begins so. Raises Missing."""
        if len(beginning) == len(hash_secret("")):
            return beginning
        with reported():
            fields = cast("list[bytes]", await self._redis.hkeys(key))
        found = [name for name in map(bytes.decode, fields) if name.startswith(beginning)]
        if len(beginning) < SHORT_ID or len(found) != 1:
            raise Missing(kind, beginning)
        return found[0]

    async def _commit(self, act: Act, kind: str, name: str) -> None:
        try:
            await self._audit.commit(act)
        except Conflict as error:
            raise Stale(kind, name) from error


def _holds(key: str, field_name: str, expected: bytes | None) -> Check:
    return Check(key=key, field=field_name, expected=expected)


def _put(key: str, field_name: str, body: msgspec.Struct) -> tuple[str, str, str, bytes]:
    return ("HSET", key, field_name, _encode(body))


def _told(account: Account) -> dict[str, Any]:
    """What the audit trail may know of an account."""
    return {
        "role": account.role.value,
        "area": account.area,
        "disabled": account.disabled_ms is not None,
    }


def _decoded(rows: dict[bytes, bytes], decoder: msgspec.json.Decoder[Any]) -> dict[str, Any]:
    return {name.decode(): decoder.decode(body) for name, body in rows.items()}


def first_administrator(area: str, password: str, now_ms: int) -> Account:
    return Account("admin", Role.ADMINISTRATOR, area, password, now_ms)
