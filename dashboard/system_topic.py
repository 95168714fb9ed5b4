"""What a map filtered by a service system looks at: the numbers of every system in one area."""

from typing import Any

from dashboard.domain.areas import Area
from dashboard.domain.rights import Principal
from dashboard.domain.systems import Systems
from dashboard.queries import LivePicture, Touched
from dashboard.system_figures import open_by_child, system_rows
from dashboard.topics import NumberedTopic, changed_by_key


class SystemTopic(NumberedTopic):
    """The systems of one area, and the open cases of its children; told at the beat.

    Snapshots say what was told at the last beat: what changed between two would else reach those
    who came in between and never be taken back.
    """

    def __init__(self, area: Area, _asker: Principal, systems: Systems) -> None:
        super().__init__(f"systems/{area.code}", area.index, area)
        self._systems = systems
        self._told: dict[str, dict[str, Any]] = {}

    def begin(self, picture: LivePicture) -> None:
        super().begin(picture)
        self._told = self._look(picture)

    def _look(self, picture: LivePicture) -> dict[str, dict[str, Any]]:
        return {
            "systems": system_rows(picture, self._systems, self.scope),
            "children": open_by_child(picture, self._systems, self.scope),
        }

    def _content(self, picture: LivePicture) -> dict[str, Any]:
        return self._told

    def _change(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        if not touched.beat:
            return {}
        before, self._told = self._told, self._look(picture)
        changes = {part: changed_by_key(before[part], now) for part, now in self._told.items()}
        return {part: change for part, change in changes.items() if change}
