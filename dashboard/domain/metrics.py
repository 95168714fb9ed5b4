"""The additive numbers of an area, in the order their columns stand in every table of the board."""

CAMERA_STATES = ("online", "offline", "fault", "maintenance", "unknown")
OWNERSHIPS = ("public", "social")

METRICS: tuple[str, ...] = (
    "cameras_total",
    *(f"cameras_{state}" for state in CAMERA_STATES),
    *(f"cameras_total_{owner}" for owner in OWNERSHIPS),
    *(f"cameras_{state}_{owner}" for state in CAMERA_STATES for owner in OWNERSHIPS),
    "incidents_open",
    *(f"incidents_open_p{priority}" for priority in (1, 2, 3, 4)),
    "incidents_overdue",
    "incidents_due_soon",
    "incidents_reported_today",
    "incidents_closed_today",
    "incidents_due_today",
    "incidents_closed_on_time_today",
    "staff_on_duty",
    "grids_total",
    "grids_covered",
    "checkins_last_hour",
    "alerts_active",
    *(f"incidents_at_{tier}" for tier in ("district", "street", "community")),  # who holds them
    "incidents_with_department",
    "incidents_returned",
    "incidents_suspended",
)
COLUMN = {name: column for column, name in enumerate(METRICS)}

RATE_INPUTS = frozenset(
    {
        "cameras_total",
        "cameras_online",
        "cameras_maintenance",
        "incidents_due_today",
        "incidents_closed_on_time_today",
    }
)


# of each rate the denominator: what is counted, and what of it is left out
RATE_PARTS: dict[str, tuple[str, str | None]] = {
    "camera_online_rate": ("cameras_total", "cameras_maintenance"),
    "on_time_rate": ("incidents_due_today", None),
}


def rates(metrics: dict[str, int]) -> dict[str, float | None]:
    """Shares of one area in 0..1 from its sums, never averaged; None without a denominator.

    `camera_online_rate` leaves cameras under maintenance out of the denominator: off on purpose is
    not failing. `on_time_rate`: of the incidents that fell due today, the share closed by their
    deadline.
    """
    expected = metrics["cameras_total"] - metrics["cameras_maintenance"]
    due = metrics["incidents_due_today"]
    on_time = metrics["incidents_closed_on_time_today"]
    return {
        "camera_online_rate": round(metrics["cameras_online"] / expected, 6) if expected else None,
        "on_time_rate": round(on_time / due, 6) if due else None,
    }
