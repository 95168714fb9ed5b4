"""What may be done to an alert: decided on what the asker saw, written with its audit entry.

As with cases (dashboard/commands.py) the store holds the head that the decision stands on. The
board is the only other writer, and takes no round to the store before it has judged the act.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from dashboard.alert_rows import AlertRows
from dashboard.clock import iso, local_day, to_ms
from dashboard.domain.alert_acts import acted, objection
from dashboard.domain.alert_rules import Kind
from dashboard.domain.alerts import MUTE_MAX_MS, NEEDS, SHELVED_MAX_MS, Alert
from dashboard.domain.alerts import AlertAction as Do
from dashboard.domain.areas import Area
from dashboard.domain.events import DESK, MUTE, AlertActed, Channel, IncidentReported, encode_chunk
from dashboard.domain.masking import mask
from dashboard.domain.rights import Principal, Right
from dashboard.doors import Doors
from dashboard.errors import (
    AlertOutrun,
    AlreadyDone,
    Conflict,
    Missing,
    NotAllowed,
    Refused,
)
from dashboard.store import keys
from dashboard.store.acts import LAST_POSITION, Act, Actor, Argument, Check

NOTE_MAX, KEY_MAX, NAME_MAX, ID_MAX, MANY_MAX = 1_000, 200, 64, 300, 500
AT_ONCE = 16  # of many acts; the others of this process are to get a word in
CATCH_UP_S, LOOK_S = 2.0, 0.01
MINUTE_MS = 60_000

Key = Annotated[str, Meta(min_length=1, max_length=KEY_MAX)]
Note = Annotated[str, Meta(max_length=NOTE_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]
Version = Annotated[int, Meta(ge=1)]


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an officer asks for. `version` is the alert's that was on the screen; `key` names this
    very click; `until` the end of a shelf."""

    action: Do
    version: Version
    key: Key
    note: Note | None = None
    until: datetime | None = None
    assignee: Name | None = None


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of many alerts, at the version that was on the screen."""

    id: Annotated[str, Meta(min_length=1, max_length=ID_MAX)]
    version: Version


class Many(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same wish for all alerts of a group."""

    action: Do
    key: Key
    alerts: Annotated[list[Seen], Meta(min_length=1, max_length=MANY_MAX)]
    note: Note | None = None
    until: datetime | None = None
    assignee: Name | None = None


class Silencing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sound of an area's desks off for so many minutes; 0: on again."""

    area: Name
    minutes: Annotated[int, Meta(ge=0, le=MUTE_MAX_MS // MINUTE_MS)]
    key: Key


class Done(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a click for a day; `asked` is the hash of what it asked for."""

    asked: str
    action: str
    at_ms: int
    before: int  # version that it was decided on
    until_ms: int | None = None


_done = msgspec.msgpack.Decoder(Done)
_CAMERAS: Final = frozenset({Kind.DEVICE_GONE, Kind.SITE_WITHOUT_VIEW, Kind.ONLINE_RATE_DROP})


class AlertCommands:
    """Does what officers ask for; one of each web process."""

    def __init__(self, rows: AlertRows, doors: Doors) -> None:
        self._rows = rows
        self._directory = doors.directory
        self._audit = doors.audit
        self._clock = doors.clock

    async def act(
        self, asker: Principal, actor: Actor, identity: str, wish: Wish
    ) -> dict[str, Any]:
        """{"action", "version", "at", "alert": the alert as it is then, null when it is normal}.

        Raises Missing, Refused, NotAllowed, AlertOutrun (it changed first), StoreAway (whether it
        was done is not known: ask again with the same `key`) and AuditBroken.
        """
        once = keys.done(_sha256(f"alert\n{asker.role.value}\n{asker.name}\n{wish.key}"))
        asked = _sha256(f"{identity}\n{msgspec.json.encode(wish).decode()}")
        if (noted := await self._audit.answer(once)) is not None:
            return await self._again(asker, identity, asked, noted)
        alert = await self._at_version(asker, identity, wish.version)
        event, incident = self._decide(asker, alert, wish)
        done = Done(asked, wish.action.value, event.observed_ms, alert.version)
        actor = replace(actor, once=(once, msgspec.msgpack.encode(done)))
        try:
            await self._audit.commit(self._act(actor, alert, event, incident))
        except AlreadyDone as error:
            return await self._again(asker, identity, asked, error.answer)
        except Conflict:
            await self._until(identity, lambda held: held is None or held.head != alert.head)
            raise self._outrun(asker, identity, alert.version) from None
        return await self._answer(asker, identity, done)

    async def act_on_many(self, asker: Principal, actor: Actor, wish: Many) -> dict[str, Any]:
        """{"done", "results": [{"id", "status", "code"?, "version"?}]}, in the order asked for.

        Each is an act of its own: some may be done and others not. Raises what concerns all:
        StoreAway and AuditBroken.
        """
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(seen: Seen) -> dict[str, Any]:
            async with turn:
                return await self._one_of_many(asker, actor, seen, wish)

        results = await asyncio.gather(*(one(seen) for seen in wish.alerts))
        return {"done": sum(row["status"] == 200 for row in results), "results": results}

    async def _one_of_many(
        self, asker: Principal, actor: Actor, seen: Seen, wish: Many
    ) -> dict[str, Any]:
        one = Wish(
            action=wish.action,
            version=seen.version,
            key=f"{wish.key[: KEY_MAX - 33]}/{_sha256(seen.id)[:32]}",
            note=wish.note,
            until=wish.until,
            assignee=wish.assignee,
        )
        try:
            answer = await self.act(asker, actor, seen.id, one)
        except Missing:
            return {"id": seen.id, "status": 404}
        except NotAllowed as error:
            return {"id": seen.id, "status": 403 if error.is_forbidden else 409, "code": error.code}
        except AlertOutrun:
            return {"id": seen.id, "status": 409, "code": "outrun"}
        except Refused as error:
            return {"id": seen.id, "status": 422, "code": error.field}
        return {"id": seen.id, "status": 200, "version": answer["version"]}

    async def mute(
        self, asker: Principal, actor: Actor, area: Area, wish: Silencing
    ) -> dict[str, Any]:
        """{"mute": {"by", "at", "until"}, or null when it sounds}. Raises Refused, StoreAway."""
        once = keys.done(_sha256(f"mute\n{asker.role.value}\n{asker.name}\n{wish.key}"))
        asked = _sha256(msgspec.json.encode(wish).decode())
        now_ms = self._clock.now_ms()
        until_ms = now_ms + wish.minutes * MINUTE_MS
        done = Done(asked, MUTE, now_ms, 0, until_ms)
        event = AlertActed(
            f"desk-{once[-32:]}", now_ms, area.code, MUTE, asker.name, until_ms=until_ms
        )
        act = replace(actor, once=(once, msgspec.msgpack.encode(done))).act(
            "alert.mute" if wish.minutes else "alert.unmute",
            f"desk/{area.code}",
            area=area.code,
            after={"until": iso(until_ms)} if wish.minutes else None,
            writes=_told(encode_chunk(DESK, now_ms, [event])),
        )
        try:
            await self._audit.commit(act)
        except AlreadyDone as error:
            done = _done.decode(error.answer)
            if done.asked != asked:
                raise Refused("key", "another request came under this key") from None
        end_ms = done.until_ms or done.at_ms
        if end_ms <= done.at_ms:
            return {"mute": None}
        return {"mute": {"by": asker.name, "at": iso(done.at_ms), "until": iso(end_ms)}}

    # ---- on which picture ------------------------------------------------------------------------

    def find(self, asker: Principal, identity: str) -> Alert:
        """Raises Missing: an alert elsewhere is answered as one that is not there."""
        found = self._rows.find(identity)
        if found is None or not self._rows.may_see(asker, found):
            raise Missing("alert", identity)
        return found

    async def _at_version(self, asker: Principal, identity: str, version: int) -> Alert:
        """The alert as the asker saw it. Another process may have shown it before it came here."""
        await self._until(identity, lambda held: held is None or held.version >= version)
        alert = self.find(asker, identity)
        if alert.version < version:
            raise Refused("version", f"this alert is at version {alert.version}")
        if alert.version > version:
            raise self._outrun(asker, identity, version)
        return alert

    async def _until(self, identity: str, is_so: Callable[[Alert | None], bool]) -> None:
        """Wait for the picture, CATCH_UP_S at most."""
        end_s = asyncio.get_running_loop().time() + CATCH_UP_S
        while not is_so(self._rows.find(identity)):
            if asyncio.get_running_loop().time() > end_s:
                return
            await asyncio.sleep(LOOK_S)

    def _outrun(self, asker: Principal, identity: str, version: int) -> AlertOutrun:
        lines = self._rows.picture.alerts.news
        newer = next((x for x in reversed(lines) if x.alert == identity and x.n > version), None)
        alert = self._rows.find(identity)
        return AlertOutrun(
            identity,
            None if newer is None else self._rows.news(newer),
            None if alert is None else self._rows.whole(alert, asker),
        )

    # ---- the decision ----------------------------------------------------------------------------

    def _decide(
        self, asker: Principal, alert: Alert, wish: Wish
    ) -> tuple[AlertActed, IncidentReported | None]:
        """Raises Refused, NotAllowed."""
        against = objection(asker, self._rows.picture.region, alert, wish.action)
        if against is not None:
            possible = self._rows.possible(asker, alert)
            raise NotAllowed(
                against.code, against.reason, possible, is_forbidden=against.is_forbidden
            )
        now_ms = self._clock.now_ms()
        until_ms = None if wish.until is None else _instant(wish.until)
        _check_fields(wish, until_ms, now_ms)
        self._check_assignee(wish.assignee, alert)
        identity = f"desk-{_sha256(f'{asker.role}/{asker.name}/{alert.id}/{wish.key}')[:32]}"
        incident = None
        if wish.action is Do.RAISE_INCIDENT:
            incident = self._incident(alert, identity, now_ms, wish.note)
        event = AlertActed(
            identity,
            now_ms,
            alert.id,
            wish.action.value,
            asker.name,
            mask(wish.note) if wish.note else None,
            until_ms,
            wish.assignee,
            None if incident is None else incident.incident,
        )
        return event, incident

    def _check_assignee(self, name: str | None, alert: Alert) -> None:
        """Raises Refused for somebody who could not do anything about it."""
        if name is None or self._directory.may(name, Right.REGISTER, alert.area):
            return
        expected = f"expected an account that may work on alerts in {alert.area}"
        raise Refused("assignee", f"{name!r} is none; {expected}")

    def _incident(
        self, alert: Alert, identity: str, now_ms: int, note: str | None
    ) -> IncidentReported:
        """The case that an alert becomes; it can only be one where the alert has a place."""
        rules, region = self._rows.rules, self._rows.picture.region
        rule = rules.rules.get(alert.rule)
        code = None if rule is None else rule.incident_class
        if code is None:
            raise Refused("action", f"rule {alert.rule} names no class for an incident")
        area = region.by_code[alert.area]
        if area.index < region.first_grid:
            raise Refused("action", f"{area.name} is a {area.tier}; a case lies in a grid")
        day = local_day(now_ms).replace("-", "")
        return IncidentReported(
            id=f"{identity}-case",
            observed_ms=now_ms,
            incident=f"AL-{day}-{identity[-8:]}",
            grid=area.code,
            class_system=None,
            class_version=None,
            class_code=code,
            title=alert.title[:200],
            channel=Channel.VIDEO if alert.kind in _CAMERAS else Channel.TRANSFER,
            priority=alert.priority,
            severity=None,
            text=mask(note) if note else None,
            photos=(),
            lon=alert.lon,
            lat=alert.lat,
        )

    # ---- what is written and answered ------------------------------------------------------------

    def _act(
        self, actor: Actor, alert: Alert, event: AlertActed, incident: IncidentReported | None
    ) -> Act:
        events = [event] if incident is None else [incident, event]
        writes = _told(encode_chunk(DESK, event.observed_ms, events))
        head = ("HSET", keys.ALERT_HEADS, alert.id, LAST_POSITION)
        case: tuple[tuple[Argument, ...], ...] = ()
        if incident is not None:
            spot = f"{incident.observed_ms} {incident.grid}"
            case = (
                ("HSET", keys.INCIDENT_HEADS, incident.incident, LAST_POSITION),
                ("HSET", keys.INCIDENT_GRIDS, incident.incident, spot),
            )
        return actor.act(
            f"alert.{event.action}",
            f"alert/{alert.id}",
            area=alert.area,
            version=alert.version,
            before=self._rows.told(alert),
            after=self._rows.told(acted(alert, event)),
            detail=event.note,
            checks=(Check(key=keys.ALERT_HEADS, field=alert.id, expected=alert.head.encode()),),
            writes=(*writes, head, *case),
        )

    async def _answer(self, asker: Principal, identity: str, done: Done) -> dict[str, Any]:
        """Once the board has judged it; its answer does not wait longer than CATCH_UP_S."""
        await self._until(identity, lambda held: held is None or held.version > done.before)
        alert = self._rows.find(identity)
        return {
            "action": done.action,
            "version": done.before if alert is None else alert.version,
            "at": iso(done.at_ms),
            "alert": None if alert is None else self._rows.whole(alert, asker),
        }

    async def _again(
        self, asker: Principal, identity: str, asked: str, noted: bytes
    ) -> dict[str, Any]:
        """The answer to a click that was done before. Raises Refused."""
        done = _done.decode(noted)
        if done.asked != asked:
            raise Refused("key", "another request came under this key")
        return await self._answer(asker, identity, done)


def decode(body: bytes, shape: type[Any]) -> Any:
    """A request's body. Raises Refused, naming the field and what was expected."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text, _, place = str(error).partition(" - at `$")
        raise Refused(place.strip("`.") or "body", text) from error


def _told(chunk: bytes) -> tuple[tuple[Argument, ...], ...]:
    return (
        ("XADD", keys.EVENTS, "*", "c", chunk),
        ("SET", keys.ALERT_ACTED, LAST_POSITION),
    )


def _check_fields(wish: Wish, until_ms: int | None, now_ms: int) -> None:
    """Raises Refused for a field that is missing, of no use, or of a wrong value."""
    needs = NEEDS.get(wish.action, ())
    for name in needs:
        if not getattr(wish, name):
            raise Refused(name, f"{wish.action} needs it")
    for name in ("until", "assignee"):
        if getattr(wish, name) is not None and name not in needs:
            raise Refused(name, f"{wish.action} does not take it")
    if until_ms is not None and not now_ms < until_ms <= now_ms + SHELVED_MAX_MS:
        hours = SHELVED_MAX_MS // 3_600_000
        raise Refused("until", f"expected an instant within the next {hours} hours")


def _instant(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise Refused("until", "expected an instant with its time zone, as 2026-07-15T16:00:00Z")
    return to_ms(moment)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
