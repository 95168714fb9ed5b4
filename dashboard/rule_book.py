"""The alert rules as a web process knows them: the pack's, and what was changed since."""

import asyncio
import logging

from dashboard.alert_rules_pack import AlertPack
from dashboard.domain.alert_rules import Rule
from dashboard.errors import StateUnreadable, StoreAway
from dashboard.store.alerts import AlertStore

log = logging.getLogger(__name__)

LOOK_S = 1.0


class RuleBook:
    """Kept up once a second; while the store is away the last ones stay."""

    def __init__(self, pack: AlertPack, store: AlertStore) -> None:
        self.pack = pack
        self.rules: dict[str, Rule] = dict(pack.rules)
        self._store = store

    async def refresh(self) -> None:
        """Raises StoreAway, StateUnreadable."""
        self.rules = dict(self.pack.rules) | await self._store.changed_rules()

    async def run(self) -> None:
        while True:
            try:
                await self.refresh()
            except (StoreAway, StateUnreadable) as error:
                log.debug("alert rules stay as they were: %s", error)
            await asyncio.sleep(LOOK_S)

    def names(self, rule: str) -> tuple[str, str]:
        """In Chinese and English; its id for one that is no more."""
        held = self.rules.get(rule)
        return (rule, rule) if held is None else (held.name, held.name_en)
