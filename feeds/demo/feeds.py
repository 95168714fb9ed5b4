"""The feeds the demo stands in for."""

from dataclasses import dataclass

KIND = "simulated"
TERMINALS = "grid-terminals"
CITY = "city-management"
PUBLIC_VIDEO = "video-cascade"
SOCIAL_VIDEO = "social-video"
HOTLINE = "hotline-12345"
EXCHANGE = "data-exchange"


@dataclass(frozen=True, slots=True)
class Feed:
    """One source; `period_s` is the longest it is silent in good health."""

    name: str
    title: str
    title_en: str
    period_s: int
    kind: str = KIND
    area: str | None = None  # the whole region


FEEDS: tuple[Feed, ...] = (
    Feed(TERMINALS, "网格终端", "Grid terminals", 15),
    Feed(CITY, "数字城管", "City management", 30),
    Feed(PUBLIC_VIDEO, "视频级联", "Video cascade", 30),
    Feed(SOCIAL_VIDEO, "社会视频", "Social video", 30),
    Feed(HOTLINE, "12345 热线", "12345 hotline", 60),
    Feed(EXCHANGE, "数据交换", "Data exchange", 60),
)
