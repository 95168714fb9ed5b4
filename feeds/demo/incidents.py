"""Incidents through their life, from the report to the close, with returns and rework."""

import heapq
import random
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from dashboard.clock import DAY_MS, local_day
from dashboard.domain.deadlines import due_ms
from dashboard.domain.departments import recommend
from dashboard.domain.incident_classes import priority_of
from feeds.demo.cases import LONGEST_DAYS, Case, Cases
from feeds.demo.feeds import CITY, HOTLINE
from feeds.demo.world import Due, World, day_start_ms

HISTORY_DAYS = 7
MINUTE_MS = 60_000
CALLED_IN = frozenset({"public", "hotline"})  # channels of the hotline's feed

Step = tuple[str, int]  # action, when

# After a department took the case: actions, and the part of the time left at which each is taken.
MAIN = (("handle", 0.84), ("inspect", 0.94), ("close", 1.0))
REWORKED = (("handle", 0.55), ("rework", 0.65), ("handle", 0.9), ("inspect", 0.96), ("close", 1.0))
PAUSED = (("suspend", 0.15), ("resume", 0.75), ("handle", 0.9), ("inspect", 0.96), ("close", 1.0))
FORCED = (("handle", 0.9), ("force_close", 1.0))
COURSES = (MAIN, REWORKED, PAUSED, FORCED)
COURSE_WEIGHTS = (90, 6, 2, 2)
ENDING = frozenset({"close", "force_close", "reject"})
# How long a report lies until it is filed: part of the whole life at most, and minutes. Some are
# left to the officers; when nobody takes them, a made-up shift does.
SOON, LEFT = (0.06, 15), (0.3, 90)
LEFT_SHARE = 0.3
PRESSED_PRIORITY = 2
PRESSED = (8, 25)  # minutes after its limit at which the made-up shift presses an urgent case
BEST = 3  # recommended departments that a case may go to
REJECTED, RETURNED = 0.05, 0.06  # shares of all cases

ACTORS = {
    "file": "受理席",
    "reject": "受理席",
    "dispatch": "派遣席",
    "inspect": "核查员",
    "close": "值班长",
    "supervise": "值班长",
    "force_close": "值班长",
}
NOTES = {
    "reject": "不属于本区立案范围",
    "return": "非本单位职责，退回重派",
    "rework": "核查未通过，重新处置",
    "suspend": "需多部门协调，挂账",
    "resume": "协调完成，恢复处置",
    "force_close": "现场已无此问题",
    "supervise": "已超时限，请说明原因和办结时间",
}
NOBODY = "街道办事处"  # where a pack names no departments
SPOTS = (
    "农贸市场门口", "小区东门", "小区西门", "公交站旁", "地铁口", "学校路口", "医院南侧", "人行道",
    "河道边", "公园入口", "商业街", "停车场出口", "十字路口", "高架桥下", "工地围挡外", "社区广场",
)  # fmt: skip
ROADS = ("下穿隧道", "铁路涵洞", "环岛", "立交桥下", "主路低洼处", "小区路口")
SOURCES = {
    "collector": "巡查发现",
    "public": "市民随手拍反映",
    "hotline": "来电反映",
    "video": "视频巡查发现",
    "leader": "督办件",
    "transfer": "部门转办",
}


class Incidents:
    """The incidents of a world around its start."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cases = Cases(world)
        self._own: dict[str, Due] = {}  # reports of this run alone whose cases are open, by id

    def backlog(self) -> Iterator[Due]:
        """What happened before the start to cases that are open or ended today."""
        today_ms = day_start_ms(self._world.start_ms)
        for case in self._reported_before:
            if case.ends_ms >= today_ms:
                yield from self._told(case)

    def history(self) -> Iterator[Due]:
        """Cases that ended in the days before: an earlier run may have left them open."""
        today_ms = day_start_ms(self._world.start_ms)
        for case in self._reported_before:
            if today_ms - HISTORY_DAYS * DAY_MS <= case.ends_ms < today_ms:
                yield from self._told(case)

    def _told(self, case: Case) -> Iterator[Due]:
        for at_ms, event in self._life(case):
            if at_ms <= self._world.start_ms:
                yield self._due(at_ms, case, event)

    def live(self) -> Iterator[Due]:
        """In order of time, for ever."""
        start_ms = self._world.start_ms
        coming: list[tuple[int, str, Due]] = []
        for case in self._reported_before:
            self._expect(coming, case)
        day_ms = day_start_ms(start_ms)
        while True:
            for case in self._day(day_ms):
                if case.reported_ms > start_ms:
                    self._expect(coming, case)
            day_ms += DAY_MS
            while coming and coming[0][0] < day_ms:
                due = heapq.heappop(coming)[2]
                yield due
                self._remember(due)  # whoever asks for the next has sent it

    def farewell(self) -> Iterator[Due]:
        """Calls off what a fast day leaves open: no later run knows of it."""
        for name, due in self._own.items():
            data = {"incident": name, "action": "cancel", "by": "模拟", "note": "快进的模拟已结束"}
            event = {"type": "incident.moved", "id": f"{name}-end", "data": data}
            yield due._replace(event={**event, "lon": due.event["lon"], "lat": due.event["lat"]})

    def _remember(self, due: Due) -> None:
        name, action = due.event["data"]["incident"], due.event["data"].get("action")
        if action in ENDING:
            self._own.pop(name, None)
        elif action is None and name.endswith(f"-{self._world.run}"):
            self._own[name] = due

    def _expect(self, coming: list[tuple[int, str, Due]], case: Case) -> None:
        """Put what is still to happen to a case in the queue."""
        if case.ends_ms > self._world.start_ms:
            for at_ms, event in self._life(case):
                if at_ms > self._world.start_ms:
                    heapq.heappush(coming, (at_ms, event["id"], self._due(at_ms, case, event)))

    @cached_property
    def _reported_before(self) -> list[Case]:
        """Cases reported before the start that may be open or ended lately."""
        start_ms = self._world.start_ms
        return [
            case
            for days_before in range(LONGEST_DAYS, -1, -1)
            for case in self._day(day_start_ms(start_ms, days_before))
            if case.reported_ms <= start_ms
        ]

    def _day(self, day_ms: int) -> list[Case]:
        return self._cases.day(day_ms, local_day(day_ms).replace("-", ""))

    def _due(self, at_ms: int, case: Case, event: dict[str, Any]) -> Due:
        feed = HOTLINE if case.channel in CALLED_IN else CITY
        return Due(self._world.offset_s(at_ms), feed, event)

    def _life(self, case: Case) -> Iterator[tuple[int, dict[str, Any]]]:
        """All events of a case with their times, the report first."""
        dice = self._world.chance("case", case.id)
        name = f"{case.id}{self._world.tag(case.reported_ms)}"
        yield case.reported_ms, self._report(case, name, dice)
        area = self._world.region.grids[case.grid].code
        department = self._department(case, area, dice)
        called = self._world.departments.get(department)
        office = department if called is None else called.name
        for number, (action, at_ms) in enumerate(self._steps(case, dice), start=1):
            data = {"incident": name, "action": action, "by": ACTORS.get(action, office)}
            if action in NOTES:
                data["note"] = NOTES[action]
            if action == "return":
                data["department"] = department
                department = self._department(case, area, dice)
            elif action == "dispatch":
                data["department"] = department
            identity = f"{case.id}-{number:02d}{self._world.tag(at_ms)}"
            # The place is named again: a move may overtake its report.
            yield at_ms, {"type": "incident.moved", "id": identity, "area": area, "data": data}

    def _steps(self, case: Case, dice: random.Random) -> list[Step]:
        """In order of time. Of what is urgent and late the officers have minutes to be first."""
        steps = list(_course(case, dice))
        if priority_of(case.cls) > PRESSED_PRIORITY:
            return steps
        limit, calendar = case.cls.governing_limit, self._world.classes.calendar
        minutes = self._world.chance("pressed", case.id).uniform(*PRESSED)
        at_ms = due_ms(case.reported_ms, limit, calendar) + int(minutes * MINUTE_MS)
        if at_ms < steps[-1][1]:
            steps.append(("supervise", at_ms))
        return sorted(steps, key=lambda step: step[1])

    def _department(self, case: Case, area: str, dice: random.Random) -> str:
        """One of the best for the class, by id."""
        world = self._world
        found = recommend(world.departments, case.cls.service_code, None, area, world.region, {})
        return dice.choice(found[:BEST]).department.id if found else NOBODY

    def _report(self, case: Case, name: str, dice: random.Random) -> dict[str, Any]:
        spot = dice.choice(ROADS if case.depth_cm else SPOTS)
        text = f"{SOURCES[case.channel]}：{spot}{case.cls.name}。"
        if case.depth_cm:
            passable = "车辆绕行" if case.depth_cm >= 30 else "车辆缓行"
            text += f"积水约 {case.depth_cm} 厘米，{passable}。"
        cls = {"system": case.cls.system, "version": case.cls.version, "code": case.cls.code}
        data = {
            "incident": name,
            "class": cls,
            "title": f"{spot}{case.cls.name}",
            "channel": case.channel,
            "text": text,
        }
        place = self._world.point(case.grid, dice)
        identity = f"{case.id}-00{self._world.tag(case.reported_ms)}"
        return {"type": "incident.reported", "id": identity, **place, "data": data}


def _course(case: Case, dice: random.Random) -> Iterator[Step]:
    """Actions with their times: the desk's within minutes, the department's over the rest."""
    lasts_ms = case.ends_ms - case.reported_ms
    if dice.random() < REJECTED:
        yield "reject", case.reported_ms + _part(dice, lasts_ms, 0.2, 40)
        return
    waits = LEFT if dice.random() < LEFT_SHARE else SOON
    at_ms = case.reported_ms + _part(dice, lasts_ms, *waits)
    yield "file", at_ms
    at_ms += _part(dice, lasts_ms, 0.06, 15)
    yield "dispatch", at_ms
    if dice.random() < RETURNED:
        at_ms += _part(dice, lasts_ms, 0.1, 180)
        yield "return", at_ms
        at_ms += _part(dice, lasts_ms, 0.05, 20)
        yield "dispatch", at_ms
    at_ms += _part(dice, lasts_ms, 0.12, 120)
    yield "accept", at_ms
    left_ms = case.ends_ms - at_ms
    for action, part in dice.choices(COURSES, COURSE_WEIGHTS)[0]:
        yield action, at_ms + int(left_ms * part)


def _part(dice: random.Random, lasts_ms: int, most: float, minutes: int) -> int:
    """Milliseconds a step takes: some of `minutes`, and never more than `most` of the whole."""
    return 1 + int(min(lasts_ms * most, dice.uniform(0.2, 1.0) * minutes * MINUTE_MS))
