"""What a wall looks at besides the one map's topics: how the day goes, who waits, who is there."""

from typing import Any, Final

from dashboard.domain.areas import Area
from dashboard.domain.rights import Principal
from dashboard.queries import LivePicture, Touched
from dashboard.topics import NumberedTopic, changed_by_key
from dashboard.wall_figures import WallFigures

BY_KEY: Final = ("children", "cases")  # parts of which only the keys that changed are told


class WallTopic(NumberedTopic):
    """One area as a wall shows it; told at the beat. Snapshots say what was told at the last."""

    def __init__(self, area: Area, _asker: Principal, figures: WallFigures) -> None:
        super().__init__(f"wall/{area.code}", area.index, area)
        self._figures = figures
        self._told: dict[str, Any] = {}

    def begin(self, picture: LivePicture) -> None:
        super().begin(picture)
        self._told = self._figures.of(picture, self.scope)

    def _content(self, picture: LivePicture) -> dict[str, Any]:
        return self._told

    def _change(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        if not touched.beat:
            return {}
        before, self._told = self._told, self._figures.of(picture, self.scope)
        return {
            part: changed_by_key(before[part], now) if part in BY_KEY else now
            for part, now in self._told.items()
            if before[part] != now
        }
