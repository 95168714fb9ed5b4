"""Alerts (告警): what the system says to an officer."""

import msgspec


class AlertNews(msgspec.Struct, frozen=True, array_like=True):
    """One line of the alert log. `n` counts up without gaps; `rang`: it called for an officer.

    `note` is an officer's reason or what the step was caused by; `value` the signal's then.
    """

    n: int
    at_ms: int
    alert: str
    what: str
    rule: str
    rule_version: int
    kind: str
    source: str
    title: str
    title_en: str
    area: str
    priority: int
    tier: str
    rang: bool
    by: str | None = None
    note: str | None = None
    value: float | None = None
