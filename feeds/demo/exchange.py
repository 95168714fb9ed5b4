"""Data resources: each delivers at its own interval, now and then late or with rows refused."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.clock import DAY_MS
from feeds.demo.feeds import EXCHANGE
from feeds.demo.world import HOUR_MS, Due, World, day_start_ms

MINUTE_MS = 60_000
MISSED = 0.01  # share of deliveries that do not come

OWNERS = (
    "住建", "城管", "水务", "应急", "交通", "生态环境", "市场监管", "自然资源", "气象", "公安交管",
    "卫健", "教育", "民政", "消防", "供电", "供水", "燃气", "通信", "园林", "滇池管理",
    "人防", "文旅", "商务", "农业农村", "司法", "统计", "发改", "工信", "综治中心", "政务服务",
)  # fmt: skip
TOPICS = (
    "设施台账", "巡查记录", "工单状态", "监测读数", "预警信息", "许可目录", "检查结果", "整改清单",
    "运行日志", "排班表", "点位目录", "施工计划", "停水停电", "隐患清单", "处置反馈", "统计日报",
    "设备状态", "物资库存", "养护记录", "水位读数", "空气读数", "噪声读数", "路况指数", "泵站状态",
    "井盖状态", "照明状态", "垃圾清运", "车位余量", "企业名录", "项目进度", "经费执行", "公共设施",
    "活动备案", "宣传计划", "培训计划",
)  # fmt: skip
# Interval in minutes, how many resources of Guandu have it.
INTERVALS = ((5, 50), (10, 90), (60, 360), (1_440, 550))


@dataclass(frozen=True, slots=True)
class Resource:
    """One data resource; `phase_ms` after midnight is its first delivery of a day."""

    name: str
    interval_ms: int
    phase_ms: int
    rows: int


class Exchange:
    """Deliveries at fixed times of the day, the same whenever it is looked at."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._resources = _resources(world)

    def backlog(self) -> Iterator[Due]:
        """The last delivery of each resource before the start."""
        for resource in self._resources:
            at_ms = self._next_ms(resource, self._world.start_ms - resource.interval_ms)
            yield self._delivery(resource, at_ms)

    def live(self) -> Iterator[Due]:
        """In order of time, for ever."""
        due = [
            (self._next_ms(resource, self._world.start_ms), number)
            for number, resource in enumerate(self._resources)
        ]
        heapq.heapify(due)
        while True:
            at_ms, number = due[0]
            resource = self._resources[number]
            heapq.heapreplace(due, (at_ms + resource.interval_ms, number))
            if self._world.mixed("missed", number, at_ms) >= MISSED:
                yield self._delivery(resource, at_ms)

    def _next_ms(self, resource: Resource, after_ms: int) -> int:
        first_ms = day_start_ms(after_ms) + resource.phase_ms - DAY_MS
        n_before = (after_ms - first_ms) // resource.interval_ms + 1
        return first_ms + n_before * resource.interval_ms

    def _delivery(self, resource: Resource, at_ms: int) -> Due:
        luck = self._world.mixed(resource.name, at_ms)
        rows = round(resource.rows * (0.7 + 0.6 * luck))
        data = {
            "resource": resource.name,
            "rows": rows,
            "rejected": round(rows * 0.02 * luck) if luck > 0.9 else 0,
            "schema_version": "1",
            "period_s": resource.interval_ms // 1000,
        }
        identity = f"{resource.name}-{at_ms:x}{self._world.tag(at_ms)}"
        event = {"type": "resource.exchanged", "id": identity, "data": data}
        return Due(self._world.offset_s(at_ms), EXCHANGE, event)


def _resources(world: World) -> list[Resource]:
    """Intervals divide a day, so that each day is delivered at the same times."""
    dice = world.chance("resources")
    names = [f"{owner}-{topic}" for topic in TOPICS for owner in OWNERS]
    found: list[Resource] = []
    for minutes, count in INTERVALS:
        for _ in range(max(1, round(count * world.scale))):
            interval_ms = minutes * MINUTE_MS
            serial, rest = divmod(len(found), len(names))
            name = f"{names[rest]}-{serial}" if serial else names[rest]
            # What comes once a day comes in the small hours, as batch jobs do.
            phase_ms = int(dice.random() * min(interval_ms, 6 * HOUR_MS))
            rows = max(1, round(dice.lognormvariate(4.5, 1.2)))
            found.append(Resource(name, interval_ms, phase_ms, rows))
    return found
