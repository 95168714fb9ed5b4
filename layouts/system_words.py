"""Words of the service systems: the filter, and every KPI that a region pack may name."""

from collections.abc import Mapping

from dashboard.domain.metrics import CAMERA_STATES, OWNERSHIPS
from dashboard.domain.systems import ServiceSystem

Pair = tuple[str, str]

_STATES: dict[str, Pair] = {
    "online": ("在线", "online"),
    "offline": ("离线", "offline"),
    "fault": ("故障", "faulty"),
    "maintenance": ("检修", "in maintenance"),
    "unknown": ("状态未知", "of unknown state"),
}
_OWNERS: dict[str, Pair] = {"public": ("公建", "Public"), "social": ("社会", "Social")}
_TIERS: dict[str, Pair] = {
    "district": ("区", "the district"),
    "street": ("街道", "subdistricts"),
    "community": ("社区", "communities"),
}


def _cameras() -> dict[str, Pair]:
    found = {"cameras_total": ("摄像机", "Cameras")}
    for owner in OWNERSHIPS:
        zh, en = _OWNERS[owner]
        found[f"cameras_total_{owner}"] = (f"{zh}摄像机", f"{en} cameras")
    for state in CAMERA_STATES:
        name, name_en = _STATES[state]
        found[f"cameras_{state}"] = (f"摄像机{name}", f"Cameras {name_en}")
        for owner in OWNERSHIPS:
            zh, en = _OWNERS[owner]
            found[f"cameras_{state}_{owner}"] = (f"{zh}{name}", f"{en} {name_en}")
    return found


# of the system's queue; then of the area as a whole, which the name says
KPI_WORDS: dict[str, Pair] = {
    "open": ("体系在办", "System open"),
    "overdue": ("体系超时", "System overdue"),
    "reported_today": ("体系今日上报", "System new today"),
    "closed_today": ("体系今日办结", "System closed today"),
    "on_time_rate": ("体系按时办结", "System on time"),
    "whistles": ("体系今日吹哨", "Whistles today"),
    **_cameras(),
    "incidents_open": ("本区域在办", "Area open"),
    **{f"incidents_open_p{p}": (f"本区域 P{p} 在办", f"Area open P{p}") for p in (1, 2, 3, 4)},
    "incidents_overdue": ("本区域超时", "Area overdue"),
    "incidents_due_soon": ("一小时内到期", "Due within 1 h"),
    "incidents_reported_today": ("本区域今日上报", "Area new today"),
    "incidents_closed_today": ("本区域今日办结", "Area closed today"),
    "incidents_due_today": ("本区域今日到期", "Area due today"),
    "incidents_closed_on_time_today": ("本区域按时办结", "Area closed on time"),
    "staff_on_duty": ("在岗人员", "Staff on duty"),
    "grids_total": ("网格", "Grids"),
    "grids_covered": ("网格在岗", "Grids covered"),
    "checkins_last_hour": ("一小时签到", "Check-ins, 1 h"),
    "alerts_active": ("告警", "Alerts"),
    **{f"incidents_at_{t}": (f"{zh}层级在办", f"With {en}") for t, (zh, en) in _TIERS.items()},
    "incidents_with_department": ("部门在办", "With departments"),
    "incidents_returned": ("部门退回", "Returned"),
    "incidents_suspended": ("挂账", "Suspended"),
    "camera_online_rate": ("摄像机在线率", "Cameras online"),
}

WORDS: dict[str, Pair] = {
    "layers.system": ("服务体系", "Service system"),
    "system.all": ("全部事件", "All incidents"),
    "system.panel": ("所选体系的指标", "Figures of the chosen system"),
    "system.proposal": ("建议名称", "proposed"),
    "system.proposal.title": (
        "体系的名称和范围是本项目的建议，不是官方名录",
        "Names and scope of the systems are this project's proposal, not an official list",
    ),
    "system.queue": ("打开其队列", "Open its queue"),
    "system.also": ("含他属 {n} 件", "{n} of other systems"),
    "system.unknown": (
        "没有编号为 {id} 的体系，已显示全部事件",
        "No system has the id {id}; all incidents are shown",
    ),
    "system.urgent.none": ("这个体系在此没有在办事件", "No open incidents of this system here"),
    "system.urgent.none.high": (
        "这个体系在此没有 P1 到 P{p} 的在办事件",
        "No open incidents of this system from P1 to P{p} here",
    ),
    "system.urgent.beyond": (
        "这个体系的 {n} 件不在地图标出的最急事件之内，见其队列",
        "{n} of this system are not among the marks on the map: see its queue",
    ),
    "legend.big.all": ("大字为全部在办", "large figure: open of all systems"),
    "legend.system": ("标记仅限{name}", "marks of {name} only"),
    **{f"system.kpi.{name}": pair for name, pair in KPI_WORDS.items()},
}


def names(systems: Mapping[str, ServiceSystem]) -> dict[str, Pair]:
    """The names that the region pack gives its systems, as words of a page."""
    return {f"system.name.{one.id}": (one.name, one.name_en) for one in systems.values()}
