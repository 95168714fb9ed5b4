"""What may be done to a whistle, with the guarantees of dashboard/commands.py.

A step is decided at the version of the whistle that was seen (a department's: of its own part) and
written only if the store holds the case as it was decided on. Where the case moved meanwhile but
that version did not, it is decided again: two departments that answer at once are both heard.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from dashboard.cases import Cases
from dashboard.clock import Clock, iso, to_ms
from dashboard.domain.casework import Case, Objection
from dashboard.domain.events import DESK, IncidentAction, IncidentMoved, encode_chunk
from dashboard.domain.incident_life import WhistleKind
from dashboard.domain.incidents import Incident, moved
from dashboard.domain.masking import mask
from dashboard.domain.rights import Principal
from dashboard.domain.whistle_life import DEPARTMENT_STEPS, Step
from dashboard.domain.whistles import (
    Asked,
    Whistle,
    is_seen_by,
    may_blow_at_once,
    objection,
    part_of,
)
from dashboard.errors import AlreadyDone, Conflict, Missing, NotAllowed, Refused, WhistleOutrun
from dashboard.store import keys
from dashboard.store.acts import ENTRY_NUMBER, LAST_POSITION, Act, Actor, Check
from dashboard.store.audit import AuditLog
from dashboard.whistle_rows import told
from dashboard.whistle_wishes import Done, NewWhistle, StepWish, check_fields

CATCH_UP_S, LOOK_S = 2.0, 0.01
TRIES = 12  # as many departments may answer one case in the same instant
LATE_MS = 60_000  # so far back a promised time may lie: the clocks of two machines

_done = msgspec.msgpack.Decoder(Done)


class WhistleDesk:
    """Does what officers and departments ask for; one of each web process."""

    def __init__(self, cases: Cases, audit: AuditLog, clock: Clock) -> None:
        self._cases = cases
        self._audit = audit
        self._clock = clock

    async def begin(self, asker: Principal, actor: Actor, wish: NewWhistle) -> dict[str, Any]:
        """Draft a whistle; blown at once for an emergency, and on `approve` by who may.

        Raises as `act` does; a case elsewhere is Missing.
        """
        once, asked = self._once(asker, wish.key), _asked(b"", wish)
        if (noted := await self._audit.answer(once)) is not None:
            return await self._again(asker, asked, noted)
        for _ in range(TRIES):
            incident = self._find_case(asker, wish.incident)
            event = self._first_move(asker, incident, wish)
            try:
                return await self._commit(asker, actor, (once, asked), incident, event)
            except Conflict:
                await self._until(incident.id, incident.version + 1)
        raise Conflict("incident", wish.incident)

    async def act(
        self, asker: Principal, actor: Actor, identity: str, wish: StepWish
    ) -> dict[str, Any]:
        """{"step", "version", "at", "whistle": the row as it is then}.

        Raises Missing (no such whistle for the asker), Refused (a field), NotAllowed (not for this
        asker, or not now), WhistleOutrun (somebody was first) and StoreAway (whether it was done is
        not known: ask again with the same `key`).
        """
        once, asked = self._once(asker, wish.key), _asked(identity.encode(), wish)
        if (noted := await self._audit.answer(once)) is not None:
            return await self._again(asker, asked, noted)
        for _ in range(TRIES):
            incident, case, held = await self._at_version(asker, identity, wish)
            event = self._decide(asker, incident, case, held, wish)
            try:
                return await self._commit(asker, actor, (once, asked), incident, event)
            except Conflict:
                await self._until(incident.id, incident.version + 1)
        raise self._outrun(asker, identity, None)

    # ---- on which picture ------------------------------------------------------------------------

    def find(self, asker: Principal, identity: str) -> tuple[Incident, Case, Whistle]:
        """Raises Missing: one elsewhere is answered as one that does not exist."""
        for incident in self._cases.whistles.with_whistles():
            if not any(identity in (move.id, move.whistle) for move in incident.moves):
                continue
            case = self._cases.case(incident, self._clock.now_ms())
            for held in self._cases.whistles.of(case):
                if held.id == identity and self.may_see(asker, incident, held):
                    return incident, case, held
        raise Missing("whistle", identity)

    def may_see(self, asker: Principal, incident: Incident, held: Whistle) -> bool:
        seen = is_seen_by(asker, held, self._cases.units(asker))
        return seen and self._cases.may_see(asker, incident)

    def _find_case(self, asker: Principal, identity: str) -> Incident:
        found = self._cases.find(identity)
        if found is None or not self._cases.may_see(asker, found):
            raise Missing("incident", identity)
        return found

    async def _at_version(
        self, asker: Principal, identity: str, wish: StepWish
    ) -> tuple[Incident, Case, Whistle]:
        """As the asker saw it; another process may have shown it before it came here."""
        end_s = asyncio.get_running_loop().time() + CATCH_UP_S
        while True:
            found = self._found_or_none(asker, identity)
            version = None if found is None else self._version(asker, found[2], wish)
            if found is not None and version == wish.version:
                return found
            if version is not None and version > wish.version:
                raise self._outrun(asker, identity, wish)
            if asyncio.get_running_loop().time() >= end_s:
                break
            await asyncio.sleep(LOOK_S)
        if version is None:
            raise Missing("whistle", identity)
        raise Refused("version", f"this is at version {version}")

    def _found_or_none(
        self, asker: Principal, identity: str
    ) -> tuple[Incident, Case, Whistle] | None:
        try:
            return self.find(asker, identity)
        except Missing:
            return None

    def _version(self, asker: Principal, held: Whistle, wish: StepWish) -> int:
        """Of what the step changes: a part, or the whistle."""
        part = held.parts.get(self._department(asker, held, wish) or "")
        return part.version if part and wish.step in DEPARTMENT_STEPS else held.version

    def _department(self, asker: Principal, held: Whistle, wish: StepWish) -> str | None:
        if wish.department is not None or wish.step not in DEPARTMENT_STEPS:
            return wish.department
        return part_of(held, self._cases.units(asker))

    async def _until(self, incident: str, version: int) -> Incident | None:
        """The case once the picture has that version, or as it is after CATCH_UP_S."""
        end_s = asyncio.get_running_loop().time() + CATCH_UP_S
        found = self._cases.find(incident)
        while (found is None or found.version < version) and (
            asyncio.get_running_loop().time() < end_s
        ):
            await asyncio.sleep(LOOK_S)
            found = self._cases.find(incident)
        return found

    def _outrun(self, asker: Principal, identity: str, wish: StepWish | None) -> WhistleOutrun:
        _, case, held = self.find(asker, identity)
        moves = held.moves
        if wish is not None and wish.step in DEPARTMENT_STEPS:
            department = self._department(asker, held, wish)
            moves = [move for move in moves if move.department == department] or moves
        return WhistleOutrun(identity, told(moves[-1]), self._row(asker, case, held))

    def _row(self, asker: Principal, case: Case, held: Whistle) -> dict[str, Any]:
        return self._cases.whistles.row(asker, case, held, self._cases.units(asker))

    # ---- the decision ----------------------------------------------------------------------------

    def _first_move(self, asker: Principal, incident: Incident, wish: NewWhistle) -> IncidentMoved:
        """Raises Refused, NotAllowed."""
        case, region = self._cases.case(incident, self._clock.now_ms()), self._cases.region
        against = objection(asker, region, case, None, Asked(step=Step.DRAFT))
        may_blow = may_blow_at_once(asker, region, wish.kind, case.report.grid)
        if against is None and wish.approve and not may_blow:
            reason = "who approves is a street's or the district's dispatcher or leader"
            against = Objection("approve", reason, True)
        _refuse(against, self._cases.possible(asker, case) if against else ())
        known = self._cases.departments_for(case)
        for one in wish.called:
            if one not in known:
                raise Refused("called", f"{one!r} does not work here; expected {', '.join(known)}")
        if len(set(wish.called)) < len(wish.called):
            raise Refused("called", "a department is called twice; expected each once")
        at_once = wish.approve or wish.kind is WhistleKind.EMERGENCY
        move = self._move(asker, incident, wish.key, Step.BLOW if at_once else Step.DRAFT)
        return msgspec.structs.replace(
            move,
            kind=wish.kind.value,
            called=tuple(wish.called),
            note=mask(wish.note) if wish.note else None,
        )

    def _decide(  # who, on what, what: all five decide
        self, asker: Principal, incident: Incident, case: Case, held: Whistle, wish: StepWish
    ) -> IncidentMoved:
        """The move to make. Raises Refused, NotAllowed."""
        department, units = self._department(asker, held, wish), self._cases.units(asker)
        asked = Asked(step=wish.step, department=department, units=units, note=wish.note)
        against = objection(asker, self._cases.region, case, held, asked)
        rows = self._cases.whistles
        _refuse(against, rows.possible(asker, case, held, units) if against else ())
        check_fields(wish)
        self._check_promise(wish)
        blows = wish.step is Step.BLOW
        promised = wish.promised_at
        return msgspec.structs.replace(
            self._move(asker, incident, wish.key, wish.step),
            whistle=held.id,
            note=mask(wish.note) if wish.note else None,
            department=department,
            kind=held.kind.value if blows else None,
            called=tuple(held.parts) if blows else (),
            contact=mask(wish.contact) if wish.contact else None,
            measures=mask(wish.measures) if wish.measures else None,
            promised_ms=None if promised is None else to_ms(promised),
            speed=wish.speed,
            quality=wish.quality,
        )

    def _move(self, asker: Principal, incident: Incident, key: str, step: Step) -> IncidentMoved:
        last = incident.moves[-1] if incident.moves else None
        return IncidentMoved(
            id=f"desk-{_sha256(f'{asker.role}/{asker.name}/{key}'.encode())[:32]}",
            # What an outside system's clock said last stays before it.
            observed_ms=max(self._clock.now_ms(), 0 if last is None else last.observed_ms + 1),
            incident=incident.id,
            action=IncidentAction.WHISTLE,
            by=asker.name,
            note=None,
            department=None,
            at_desk=True,
            step=step.value,
        )

    def _check_promise(self, wish: StepWish) -> None:
        """Raises Refused."""
        promised = wish.promised_at
        if promised is not None and to_ms(promised) < self._clock.now_ms() - LATE_MS:
            raise Refused("promised_at", "lies behind; expected when it is going to be done")

    # ---- what is written and answered ------------------------------------------------------------

    async def _commit(  # all that is written in one step
        self,
        asker: Principal,
        actor: Actor,
        request: tuple[str, str],
        incident: Incident,
        event: IncidentMoved,
    ) -> dict[str, Any]:
        """Raises Conflict: the case moved meanwhile."""
        once, asked = request
        after = moved(incident, event, "")
        whistle = event.whistle or event.id
        done = Done(asked, whistle, incident.id, after.version, event.observed_ms)
        actor = replace(actor, once=(once, msgspec.msgpack.encode(done)))
        try:
            await self._audit.commit(self._act(actor, incident, event, after))
        except AlreadyDone as error:
            return await self._again(asker, asked, error.answer)
        return self._answer(asker, after, done)

    def _act(self, actor: Actor, incident: Incident, event: IncidentMoved, after: Incident) -> Act:
        chunk = encode_chunk(DESK, event.observed_ms, [event])
        trail, whistle = keys.incident_audit(incident.id), event.whistle or event.id
        return actor.act(
            f"whistle.{event.step}",
            f"incident/{incident.id}",
            area=incident.report.grid if incident.report else None,
            version=after.version,
            before=self._told(incident, whistle),
            after=self._told(after, whistle),
            detail=event.note,
            checks=(
                Check(
                    key=keys.INCIDENT_HEADS,
                    field=incident.id,
                    expected=incident.head.encode() or None,
                ),
            ),
            writes=(
                ("XADD", keys.EVENTS, "*", "c", chunk),
                ("HSET", keys.INCIDENT_HEADS, incident.id, LAST_POSITION),
                ("RPUSH", trail, ENTRY_NUMBER),
                ("LTRIM", trail, -keys.INCIDENT_AUDIT_KEPT, -1),
                ("PEXPIRE", trail, keys.INCIDENT_AUDIT_MS),
            ),
        )

    def _told(self, incident: Incident, whistle: str) -> dict[str, Any] | None:
        """What the audit trail says of a whistle before and after a step."""
        held = self._whistle(self._cases.case(incident, incident.first_ms), whistle)
        if held is None:
            return None
        return {
            "whistle": held.id,
            "state": held.state.value,
            "called": {part.department: part.state.value for part in held.parts.values()},
        }

    def _whistle(self, case: Case, whistle: str) -> Whistle | None:
        return next((one for one in self._cases.whistles.of(case) if one.id == whistle), None)

    def _answer(self, asker: Principal, incident: Incident, done: Done) -> dict[str, Any]:
        case = self._cases.case(incident, self._clock.now_ms())
        held = self._whistle(case, done.whistle)
        if held is None:
            raise Missing("whistle", done.whistle)
        return {
            "version": held.version,
            "at": iso(done.at_ms),
            "whistle": self._row(asker, case, held),
        }

    async def _again(self, asker: Principal, asked: str, noted: bytes) -> dict[str, Any]:
        """The answer to a click that was done before. Raises Refused."""
        done = _done.decode(noted)
        if done.asked != asked:
            raise Refused("key", "another request came under this key")
        incident = await self._until(done.incident, done.version)
        if incident is None:
            raise Missing("incident", done.incident)
        return self._answer(asker, incident, done)

    def _once(self, asker: Principal, key: str) -> str:
        return keys.done(_sha256(f"{asker.role.value}\n{asker.name}\n{key}".encode()))


def _asked(about: bytes, wish: msgspec.Struct) -> str:
    return _sha256(type(wish).__name__.encode() + about + b"\n" + msgspec.json.encode(wish))


def _refuse(against: Objection | None, possible: Sequence[str]) -> None:
    if against is not None:
        forbidden = against.is_forbidden
        raise NotAllowed(against.code, against.reason, possible, is_forbidden=forbidden)


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
