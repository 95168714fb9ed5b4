"""The load of one desk beside the standard, and the sources that make most of it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dashboard.alert_rows import AlertRows
from dashboard.clock import iso
from dashboard.domain import alert_load as load
from dashboard.domain.alerts import Alert, AlertNews, AlertState, What
from dashboard.domain.areas import Area
from dashboard.queues import command_tier


class AlertFigures:
    """Computed from the log of the last day, for one web process's picture."""

    def __init__(self, rows: AlertRows) -> None:
        self._rows = rows

    def brief(self, area: Area) -> dict[str, Any]:
        """The rates that stand in the top bar."""
        desk, tier = self._rows.desk(area), command_tier(area)
        rate = load.rate(desk.rang, self._rows.now_ms)
        return {
            "n_10_min": rate.n_10_min,
            "n_hour": rate.n_hour,
            "n_day": rate.n_day,
            "seats": self._rows.seats(tier),
            "per_officer": rate.per_officer(self._rows.seats(tier)),
            "targets": {name: list(limits) for name, limits in load.TARGETS.items()},
        }

    def whole(self, area: Area) -> dict[str, Any]:
        """Everything that the standard asks for, of the last 24 hours."""
        desk, now_ms = self._rows.desk(area), self._rows.now_ms
        every = self._rows.picture.alerts.news_of(area)
        own = [line for line in every if line.tier is desk.tier]
        flood = desk.flood(now_ms)
        spells = load.flood_spells(desk.rang, now_ms)
        flooded_ms = sum((spell.end_ms or now_ms) - spell.begin_ms for spell in spells)
        shares = load.priority_shares(own)
        actors = self._bad_actors(every, desk.alerts, now_ms)
        return self.brief(area) | {
            "area": area.code,
            "tier": desk.tier.value,
            "as_of": self._rows.picture.as_of(),
            "judged_at": iso(self._rows.picture.alerts.judged_ms),
            "max_10_min_24h": load.most_in_10_min(list(desk.rang)),
            "share_top_ten": load.top_share(own),
            "priorities": None if shares is None else _by_name(shares),
            "priority_targets": _by_name(load.PRIORITY_SHARES),
            "n_chattering": sum(alert.is_chattering(now_ms) for alert in desk.alerts.values()),
            "n_fleeting": load.fleeting(every).total(),
            "n_stale": sum(alert.is_stale(now_ms) for alert in desk.alerts.values()),
            "n_standing": sum(alert.active for alert in desk.alerts.values()),
            "n_shelved": desk.states[AlertState.SHELVED],
            "flood": self._rows.flood(flood) | {"share_24h": flooded_ms / load.DAY_MS},
            "n_bad_actors": len(actors),
            "bad_actors": actors[: load.BAD_ACTORS],
        }

    def _bad_actors(
        self, news: list[AlertNews], listed: dict[str, Alert], now_ms: int
    ) -> list[dict[str, Any]]:
        """Sources by how often they rang, and all that chatter, are fleeting or stale."""
        rang = Counter(line.alert for line in news if line.rang)
        chatters = Counter(line.alert for line in news if line.what is What.CHATTERING)
        fleeting = load.fleeting(news)
        stale = [i for i, alert in listed.items() if alert.is_stale(now_ms)]
        last = {line.alert: line for line in news}
        found = []
        for identity in {*rang, *chatters, *fleeting, *stale}:
            held = listed.get(identity) or last[identity]
            name, name_en = self._rows.rules.names(held.rule)
            alert = listed.get(identity)
            found.append(
                {
                    "alert": identity,
                    "listed": alert is not None,
                    "rule": held.rule,
                    "rule_name": name,
                    "rule_name_en": name_en,
                    "title": held.title,
                    "title_en": held.title_en,
                    "area": held.area,
                    "priority": held.priority,
                    "n_24h": rang[identity],
                    "n_chattering_24h": chatters[identity],
                    "n_fleeting_24h": fleeting[identity],
                    "stale": identity in stale,
                }
            )
        found.sort(key=_worst_first)
        return found


def _by_name(shares: Mapping[int, float]) -> dict[str, float]:
    return {f"p{priority}": share for priority, share in shares.items()}


def _worst_first(row: dict[str, Any]) -> tuple[int, int, int, str]:
    return -row["n_24h"], -row["n_chattering_24h"], -row["n_fleeting_24h"], row["alert"]
