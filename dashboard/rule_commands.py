"""Changing an alert rule: a new version with its audit entry, and a trial of it before."""

import asyncio
import hashlib
from dataclasses import replace
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from msgspec import Meta

from dashboard.alert_commands import Key, Note, Version
from dashboard.alert_rules_pack import objection_to_rule
from dashboard.clock import Clock, iso, local_day
from dashboard.domain.alert_rules import Kind, Rule
from dashboard.domain.case_trial import OF_KEPT_CASES, Span, case_trial
from dashboard.domain.devices import counted_up
from dashboard.domain.rule_trial import EXAMPLES, RECORDED, Raise, Sources, trial
from dashboard.domain.signal_history import KEPT_MINUTES, past_of, period_of
from dashboard.errors import AlreadyDone, Conflict, Missing, Refused, Stale
from dashboard.queries import LivePicture
from dashboard.rule_book import RuleBook
from dashboard.store import keys
from dashboard.store.acts import Actor, Check
from dashboard.store.alerts import AlertStore
from dashboard.store.audit import AuditLog

MINUTE_MS = 60_000
TRIED_MS: Final = KEPT_MINUTES * MINUTE_MS
# What may be changed while it runs; a rule's kind and names are the pack's.
CHANGEABLE: Final = (
    "response", "response_en", "priority", "tier", "threshold", "on_delay_s", "off_delay_s",
    "acknowledge_within_s", "again_after_s", "enabled", "area", "hours", "latched",
    "incident_class", "parameters",
)  # fmt: skip

_Given = dict[str, Any]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Fields of a rule that are to change; what is left out stays. `version` is the one it was
    decided on, `note` why."""

    version: Version
    key: Key
    note: Annotated[Note, Meta(min_length=1)]
    fields: _Given


class RuleCommands:
    """Changes and tries rules; one of each web process."""

    def __init__(
        self, book: RuleBook, picture: LivePicture, store: AlertStore, audit: AuditLog, clock: Clock
    ) -> None:
        self._book = book
        self._picture = picture
        self._store = store
        self._audit = audit
        self._clock = clock

    def find(self, identity: str) -> Rule:
        """Raises Missing."""
        held = self._book.rules.get(identity)
        if held is None:
            raise Missing("alert rule", identity)
        return held

    def changed(self, rule: Rule, fields: _Given) -> Rule:
        """The rule with other fields. Raises Refused, naming the field and what was expected."""
        for name in fields:
            if name not in CHANGEABLE:
                raise Refused(name, f"expected one of {', '.join(CHANGEABLE)}")
        try:
            after = msgspec.convert(msgspec.to_builtins(rule) | fields, type=Rule)
        except msgspec.ValidationError as error:
            text, _, place = str(error).partition(" - at `$")
            raise Refused(place.strip("`.") or "fields", text) from error
        if (found := objection_to_rule(after, self._picture.region, self._picture.classes)) is None:
            return after
        raise Refused(*found)

    async def change(self, actor: Actor, identity: str, wish: Change) -> Rule:
        """The new version. Raises Missing, Refused, Stale (somebody changed it first), StoreAway
        (whether it was done is not known: ask again with the same `key`) and AuditBroken."""
        await self._book.refresh()
        before = self.find(identity)
        once = keys.done(_sha256(f"rule\n{actor.role}\n{actor.name}\n{wish.key}"))
        asked = _sha256(identity + msgspec.json.encode(wish).decode())
        if (noted := await self._audit.answer(once)) is not None:
            return self._again(identity, asked, noted)
        if before.version != wish.version:
            raise Stale("alert rule", identity)
        after = msgspec.structs.replace(
            self.changed(before, wish.fields),
            version=before.version + 1,
            changed_ms=self._clock.now_ms(),
            changed_by=actor.name,
        )
        actor = replace(actor, once=(once, msgspec.msgpack.encode((asked, after.version))))
        held = msgspec.json.encode(before) if before.version > 1 else None
        act = actor.act(
            "rule.change",
            f"rule/{identity}",
            version=after.version,
            before=_differing(before, after),
            after=_differing(after, before),
            detail=wish.note,
            checks=(Check(key=keys.ALERT_RULES, field=identity, expected=held),),
            writes=(("HSET", keys.ALERT_RULES, identity, msgspec.json.encode(after)),),
        )
        try:
            await self._audit.commit(act)
        except AlreadyDone as error:
            return self._again(identity, asked, error.answer)
        except Conflict:
            raise Stale("alert rule", identity) from None
        await self._book.refresh()
        return after

    def _again(self, identity: str, asked: str, noted: bytes) -> Rule:
        """The answer to a change that was made before. Raises Refused."""
        if msgspec.msgpack.decode(noted)[0] != asked:
            raise Refused("key", "another request came under this key")
        return self.find(identity)

    # ---- a trial ---------------------------------------------------------------------------------

    async def tried(self, identity: str, fields: _Given) -> dict[str, Any]:
        """What the rule, with those fields, would have raised in the last seven days.

        Raises Missing, Refused, StoreAway, StateUnreadable.
        """
        rule = self.changed(self.find(identity), {"enabled": True} | fields)
        now_ms = self._clock.now_ms()
        from_ms, found = await self._raises(rule, now_ms)
        days: dict[str, int] = {}
        for at_ms in range(from_ms, now_ms, MINUTE_MS * 60):
            days.setdefault(local_day(at_ms), 0)
        for one in found:
            days[local_day(one.at_ms)] = days.get(local_day(one.at_ms), 0) + 1
        return {
            "raised": len(found),
            "from": iso(from_ms),
            "to": iso(now_ms),
            "complete": from_ms <= now_ms - TRIED_MS,
            "by_day": [{"day": day, "raised": n} for day, n in sorted(days.items())],
            "examples": [self._example(rule, one) for one in found[-EXAMPLES:]],
        }

    async def _raises(self, rule: Rule, now_ms: int) -> tuple[int, list[Raise]]:
        """Since when there is anything to try it on, and every raising."""
        frames = [
            frame
            for frame in await self._store.history()
            if frame.minute * MINUTE_MS >= now_ms - TRIED_MS
        ]
        first_ms = frames[0].minute * MINUTE_MS if frames else now_ms
        region = self._picture.region
        if rule.kind in OF_KEPT_CASES:
            span, limits = Span(first_ms, now_ms), self._book.pack.whistles
            return first_ms, case_trial(rule, self._picture.incidents, region, span, limits)
        if rule.kind not in RECORDED:
            raise Refused("kind", f"{rule.kind} has no history to be tried on")
        sources = self._sources(rule.kind)

        def work() -> list[Raise]:
            return trial(rule, past_of(frames, rule.kind), sources, region)

        return first_ms, await asyncio.to_thread(work)  # a week of 570 grids takes some 0.2 s

    def _sources(self, kind: Kind) -> Sources:
        period_s, area = {}, {}
        if kind is Kind.DEVICE_GONE:
            return self._devices()
        if kind is Kind.SITE_WITHOUT_VIEW:
            area = {site.id: site.area for site in self._picture.sites.values()}
        if kind is Kind.FEED_SILENT:
            for feed in self._picture.feeds.feeds:
                period_s[feed.name] = feed.period_s
                area[feed.name] = feed.area or self._picture.region.root.code
        return Sources(period_s, {}, area)

    def _devices(self) -> Sources:
        """Cameras behind each device, and where it is."""
        cameras = self._picture.cameras
        upstream = cameras.table.rows["upstream"]
        direct = np.bincount(upstream[upstream >= 0], minlength=len(cameras.devices.ids))
        behind = counted_up(direct, cameras.devices.chains()).tolist()
        n_cameras = dict(zip(cameras.devices.ids, behind, strict=True))
        return Sources({}, n_cameras, {i: row.grid for i, row in cameras.devices.by_id.items()})

    def _example(self, rule: Rule, one: Raise) -> dict[str, Any]:
        source = one.source
        if rule.kind is Kind.EXCHANGE_OVERDUE:
            source, _ = period_of(source)
        title, title_en, area = self._named(rule, source)
        return {
            "source": source,
            "title": title,
            "title_en": title_en,
            "area": area,
            "at": iso(one.at_ms),
            "ended_at": None if one.end_ms is None else iso(one.end_ms),
        }

    def _named(self, rule: Rule, source: str) -> tuple[str, str, str | None]:
        """Names of a source, and where it is; as it is called where it has none."""
        held = self._picture.region.by_code.get(source)
        if held is not None:
            return held.name, held.name_en, held.code
        device = self._picture.cameras.devices.by_id.get(source)
        if rule.kind is Kind.DEVICE_GONE and device is not None:
            return device.name, device.name, device.grid
        if rule.kind is Kind.SITE_WITHOUT_VIEW and source in self._picture.sites:
            site = self._picture.sites[source]
            return site.name, site.name_en, site.area
        incident = self._picture.incidents.by_id.get(source)
        if rule.kind in OF_KEPT_CASES and incident is not None:
            row = self._picture.incident_row(incident)
            return row["class_name"] or source, row["class_name_en"] or source, row["area"]
        for feed in self._picture.feeds.feeds:
            if rule.kind is Kind.FEED_SILENT and feed.name == source:
                return feed.title, feed.title_en, feed.area
        return source, source, None


def _differing(rule: Rule, other: Rule) -> dict[str, Any]:
    one, two = msgspec.to_builtins(rule), msgspec.to_builtins(other)
    return {name: value for name, value in one.items() if two[name] != value}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
