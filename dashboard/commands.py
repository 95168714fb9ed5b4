"""What may be done to a case: one way for every click, whether from the page or from the API.

An action is decided on the picture of this process at the version that the asker saw. The change,
its audit entry, the answer to a repeated request and the event that tells all screens are written
in one server-side step, and only if the store holds that very version.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from dashboard.cases import Cases
from dashboard.clock import Clock, iso
from dashboard.domain.casework import UNDO_MS, Case, lower_tiers, objection
from dashboard.domain.events import DESK, IncidentMoved, encode_chunk
from dashboard.domain.events import IncidentAction as Do
from dashboard.domain.incident_life import NEEDS, RESULTS, WhistleKind
from dashboard.domain.incidents import Incident, moved
from dashboard.domain.masking import mask
from dashboard.domain.rights import Principal
from dashboard.domain.whistle_life import Step
from dashboard.domain.whistles import may_blow_at_once
from dashboard.errors import AlreadyDone, Conflict, Missing, NotAllowed, Outrun, Refused
from dashboard.store import keys
from dashboard.store.acts import ENTRY_NUMBER, LAST_POSITION, Act, Actor, Check
from dashboard.store.audit import AuditLog

NOTE_MAX, KEY_MAX, CALLED_MAX = 1_000, 200, 8
CATCH_UP_S, LOOK_S = 2.0, 0.01

Name = Annotated[str, Meta(min_length=1, max_length=64)]


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer asks for. `version` is the case's that was on the screen; `key` names this
    very click, so that the same request sent again is the same click."""

    action: Do
    version: Annotated[int, Meta(ge=1)]
    key: Annotated[str, Meta(min_length=1, max_length=KEY_MAX)]
    note: Annotated[str, Meta(max_length=NOTE_MAX)] | None = None
    department: Name | None = None
    result: Name | None = None
    tier: Name | None = None
    condition: Annotated[int, Meta(ge=1)] | None = None
    kind: WhistleKind | None = None
    called: Annotated[list[Name], Meta(max_length=CALLED_MAX)] | None = None


# Fields that say something for an action; any other one would be dropped in silence, so refused.
_EXTRAS: Final = ("department", "result", "tier", "condition", "kind", "called")
_TAKES: Final[dict[Do, tuple[str, ...]]] = {Do.FILE: ("condition",)}
_wishes = msgspec.json.Decoder(Wish)


def decode_wish(body: bytes) -> Wish:
    """Raises Refused, naming the field and what was expected."""
    try:
        return _wishes.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text, _, place = str(error).partition(" - at `$")
        raise Refused(place.strip("`.") or "body", text) from error


class Done(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a click for a day; `asked` is the hash of what it asked for."""

    asked: str
    action: Do
    version: int
    at_ms: int


_done = msgspec.msgpack.Decoder(Done)


class Desk:
    """Does what officers ask for; one of each web process."""

    def __init__(self, cases: Cases, audit: AuditLog, clock: Clock) -> None:
        self._cases = cases
        self._audit = audit
        self._clock = clock

    async def act(
        self, asker: Principal, actor: Actor, identity: str, wish: Wish
    ) -> dict[str, Any]:
        """{"action", "version", "at", "undo_until", "incident": the case as it is then}.

        Raises Missing (no such case in the asker's area), Refused (a field), NotAllowed (not for
        this asker, or not now), Outrun (somebody was first), StoreAway (whether it was done is not
        known: ask again with the same `key`) and AuditBroken.
        """
        once = keys.done(_sha256(f"{asker.role.value}\n{asker.name}\n{wish.key}".encode()))
        asked = _sha256(identity.encode() + b"\n" + msgspec.json.encode(wish))
        if (noted := await self._audit.answer(once)) is not None:
            return await self._again(asker, identity, asked, noted)
        incident = await self._at_version(asker, identity, wish.version)
        event = self._decide(asker, incident, wish)
        after = moved(incident, event, "")
        done = Done(asked, wish.action, after.version, event.observed_ms)
        actor = replace(actor, once=(once, msgspec.msgpack.encode(done)))
        try:
            await self._audit.commit(self._act(actor, incident, event, after))
        except AlreadyDone as error:
            return await self._again(asker, identity, asked, error.answer)
        except Conflict:
            await self._until(asker, identity, incident.version + 1)
            raise self._outrun(asker, identity, incident.version) from None
        return self._answer(asker, after, done)

    # ---- on which picture ------------------------------------------------------------------------

    def find(self, asker: Principal, identity: str) -> Incident:
        """Raises Missing: a case elsewhere is answered as one that does not exist."""
        found = self._cases.find(identity)
        if found is None or not self._cases.may_see(asker, found):
            raise Missing("incident", identity)
        return found

    async def _at_version(self, asker: Principal, identity: str, version: int) -> Incident:
        """The case as the asker saw it. Another process may have shown it before it came here."""
        incident = await self._until(asker, identity, version)
        if incident.version < version:
            raise Refused("version", f"this case is at version {incident.version}")
        if incident.version > version:
            raise self._outrun(asker, identity, version)
        return incident

    async def _until(self, asker: Principal, identity: str, version: int) -> Incident:
        """The case once the picture has that version, or as it is after CATCH_UP_S."""
        end_s = asyncio.get_running_loop().time() + CATCH_UP_S
        incident = self.find(asker, identity)
        while incident.version < version and asyncio.get_running_loop().time() < end_s:
            await asyncio.sleep(LOOK_S)
            incident = self.find(asker, identity)
        return incident

    def _outrun(self, asker: Principal, identity: str, version: int) -> Outrun:
        incident = self.find(asker, identity)
        newer = incident.moves[-1] if incident.moves and incident.version > version else None
        winner = None if newer is None else self._cases.move(newer)
        return Outrun(identity, winner, self._cases.whole(incident, asker, self._clock.now_ms()))

    # ---- the decision ----------------------------------------------------------------------------

    def _decide(self, asker: Principal, incident: Incident, wish: Wish) -> IncidentMoved:
        """The move to make. Raises Refused, NotAllowed."""
        case = self._cases.case(incident, self._clock.now_ms())
        against = objection(asker, self._cases.region, case, wish.action)
        against = against or self._cases.objection_to_department(asker, case, wish.department)
        if against is not None:
            raise NotAllowed(
                against.code,
                against.reason,
                self._cases.possible(asker, case),
                is_forbidden=against.is_forbidden,
            )
        self._check_fields(incident, case, wish)
        last = incident.moves[-1] if incident.moves else None
        return IncidentMoved(
            id=f"desk-{_sha256(f'{asker.role}/{asker.name}/{wish.key}'.encode())[:32]}",
            # What an outside system's clock said last stays before it.
            observed_ms=max(case.now_ms, 0 if last is None else last.observed_ms + 1),
            incident=incident.id,
            action=wish.action,
            by=asker.name,
            note=mask(wish.note) if wish.note else None,
            department=self._department(asker, wish),
            result=wish.result,
            tier=wish.tier,
            condition=wish.condition,
            kind=wish.kind,
            called=tuple(wish.called or ()),
            undoes=last.id if wish.action is Do.UNDO and last is not None else None,
            at_desk=True,
            step=self._whistle_step(asker, case, wish),
        )

    def _whistle_step(self, asker: Principal, case: Case, wish: Wish) -> Step | None:
        """A whistle is blown where nobody else has to approve it, else drafted."""
        if wish.kind is None:
            return None
        at_once = may_blow_at_once(asker, self._cases.region, wish.kind, case.report.grid)
        return Step.BLOW if at_once else Step.DRAFT

    def _department(self, asker: Principal, wish: Wish) -> str | None:
        return wish.department or asker.department or None

    def _check_fields(self, incident: Incident, case: Case, wish: Wish) -> None:
        """Raises Refused for a field that is missing, of no use, or of a wrong value."""
        takes = (*NEEDS.get(wish.action, ()), *_TAKES.get(wish.action, ()))
        for name in takes:
            if name in NEEDS.get(wish.action, ()) and not getattr(wish, name):
                raise Refused(name, f"{wish.action} needs it")
        for name in _EXTRAS:
            if getattr(wish, name) is not None and name not in takes:
                raise Refused(name, f"{wish.action} does not take it")
        self._check_value("result", wish.result, [str(r) for r in RESULTS.get(wish.action, ())])
        self._check_value("tier", wish.tier, [str(tier) for tier in lower_tiers(case)])
        self._check_value("condition", wish.condition, self._cases.conditions(incident))
        for name, given in (("department", [wish.department]), ("called", wish.called or [])):
            for one in given:
                self._check_value(name, one, self._cases.departments_for(case))

    def _check_value(self, name: str, given: object, expected: Sequence[object]) -> None:
        if given is not None and given not in expected:
            listed = ", ".join(map(str, expected)) or "none"
            raise Refused(name, f"{given!r} is not possible here; expected one of {listed}")

    # ---- what is written and answered ------------------------------------------------------------

    def _act(self, actor: Actor, incident: Incident, event: IncidentMoved, after: Incident) -> Act:
        chunk = encode_chunk(DESK, event.observed_ms, [event])
        head = incident.head.encode() or None
        told = keys.incident_audit(incident.id)
        return actor.act(
            f"incident.{event.action.value}",
            f"incident/{incident.id}",
            area=incident.report.grid if incident.report else None,
            version=after.version,
            before=self._cases.told(incident),
            after=self._cases.told(after),
            detail=event.note,
            checks=(Check(key=keys.INCIDENT_HEADS, field=incident.id, expected=head),),
            writes=(
                ("XADD", keys.EVENTS, "*", "c", chunk),
                ("HSET", keys.INCIDENT_HEADS, incident.id, LAST_POSITION),
                ("RPUSH", told, ENTRY_NUMBER),
                ("LTRIM", told, -keys.INCIDENT_AUDIT_KEPT, -1),
                ("PEXPIRE", told, keys.INCIDENT_AUDIT_MS),
            ),
        )

    def _answer(self, asker: Principal, incident: Incident, done: Done) -> dict[str, Any]:
        now_ms = self._clock.now_ms()
        can_undo = done.action is not Do.UNDO
        return {
            "action": done.action.value,
            "version": done.version,
            "at": iso(done.at_ms),
            "undo_until": iso(done.at_ms + UNDO_MS) if can_undo else None,
            "incident": self._cases.whole(incident, asker, now_ms),
        }

    async def _again(
        self, asker: Principal, identity: str, asked: str, noted: bytes
    ) -> dict[str, Any]:
        """The answer to a click that was done before. Raises Refused."""
        done = _done.decode(noted)
        if done.asked != asked:
            raise Refused("key", "another request came under this key")
        incident = await self._until(asker, identity, done.version)
        return self._answer(asker, incident, done)


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
