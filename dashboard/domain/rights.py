"""Who may do what: roles times area. TABLE is the one table; `Principal.may` the one question."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dashboard.domain.areas import Region


class Right(StrEnum):
    """One kind of thing that can be seen or done in an area."""

    SEE = "see"  # numbers, marks, devices and feeds: pages, API, live topics
    SEE_CASE = "see_case"  # one case whole, with its text and history; every view is audited
    SEE_ALERT = "see_alert"  # the alerts of an area, their rules and their load
    EXPORT = "export"  # take figures away as a file or a series
    ADMINISTER = "administer"  # accounts, sessions and displays
    AUDIT = "audit"  # read and export the audit trail
    REPORT = "report"  # send events
    REGISTER = "register"  # take cases in: acknowledge, confirm, file, reject
    COMMAND = "command"  # move cases: dispatch, whistle, up and down the tiers, solve in the grid
    INSPECT = "inspect"  # inspect what was handled, send it back, close it
    HANDLE = "handle"  # a department's part: accept, handle, return, appeal
    APPROVE = "approve"  # what changes a case's clock or ends it unhandled; judge appeals
    SUPERVISE = "supervise"  # press a case, force it closed
    DIRECT = "direct"  # say what a wall shows, and see how it fares


class Role(StrEnum):
    """A post. WALL and FEED are machines, with a token of their own instead of an account."""

    VIEWER = "viewer"
    OFFICER = "officer"
    DISPATCHER = "dispatcher"
    DEPARTMENT = "department"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"
    WALL = "wall"
    FEED = "feed"


_LOOK = frozenset({Right.SEE, Right.SEE_CASE, Right.SEE_ALERT})
_DESK = _LOOK | {Right.REGISTER, Right.COMMAND, Right.INSPECT, Right.DIRECT}

TABLE: Mapping[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.SEE}),
    Role.OFFICER: _DESK,
    Role.DISPATCHER: _DESK | {Right.EXPORT, Right.APPROVE},
    Role.DEPARTMENT: frozenset({Right.SEE, Right.SEE_CASE, Right.HANDLE}),
    Role.LEADER: _LOOK | {Right.EXPORT, Right.APPROVE, Right.SUPERVISE, Right.DIRECT},
    Role.ADMINISTRATOR: _DESK
    | {Right.EXPORT, Right.APPROVE, Right.SUPERVISE, Right.ADMINISTER, Right.AUDIT},
    Role.WALL: frozenset({Right.SEE}),
    Role.FEED: frozenset({Right.REPORT}),
}
PERSONAL = tuple(role for role in Role if role not in (Role.WALL, Role.FEED))  # of accounts


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever asks: an account, a program with an account's token, a wall display or a feed.

    `area` is the code of the area that all its rights are for, with everything inside.
    """

    name: str
    role: Role
    area: str
    session: str = ""  # of a browser: the hash that names its session, to cut it off
    department: str = ""  # id of the unit whose cases it works on; empty: none

    def may(self, right: Right, region: Region, area: str | None = None) -> bool:
        """Whether it has the right, in `area` (None: anywhere at all)."""
        return right in self.rights and (area is None or reaches(region, self.area, area))

    @property
    def rights(self) -> frozenset[Right]:
        """Those of the role; somebody of a department that was never said has no cases to see."""
        held = TABLE[self.role]
        if self.role is Role.DEPARTMENT and not self.department:
            return held - {Right.SEE_CASE, Right.HANDLE}
        return held


def reaches(region: Region, scope: str, area: str) -> bool:
    """Whether `area` is `scope` or lies inside; false for a code that the region lacks."""
    return area in region.by_code and scope in region.by_code and region.is_within(area, scope)
