"""The columns of the table of incidents: what is counted over all of them at once."""

import numpy as np

from dashboard.domain.incident_life import IncidentState

NEVER = -1
FAR = np.iinfo(np.int64).max
N_COMING = 3  # escalations ahead: 80 %, 100 %, a cluster

STATES = tuple(IncidentState)
STATE_CODE = {state: code for code, state in enumerate(STATES)}

DTYPE = np.dtype(
    [
        ("grid", "<i4"),  # area index, -1 until reported in a grid of this region
        ("priority", "i1"),
        ("open", "?"),
        ("closed", "?"),  # ended by closing, not by rejection or cancelling
        ("suspended", "?"),
        ("reported_ms", "<i8"),
        ("due_ms", "<i8"),  # NEVER while suspended
        ("ended_ms", "<i8"),
        ("came_ms", "<i8"),  # when its first report was here
        ("since_ms", "<i8"),  # when it came to its tier by a move, NEVER when it was reported there
        ("heard_ms", "<i8"),  # newest observation of any kind
        ("feed", "<i2"),
        ("state", "i1"),  # place in STATES
        ("tier", "i1"),  # place in COMMAND as of the last move
        ("coming_ms", "<i8", (N_COMING,)),  # each lifts it one tier; FAR when there is none
        ("marks_ms", "<i8", (3,)),  # 50, 80 and 100 % of its limit; FAR when its clock stands still
        ("acknowledged", "?"),
        ("escalated", "?"),
        ("pressed", "?"),  # somebody supervises it (督办)
        ("exempt", "?"),  # an upheld appeal: it counts as on time
        ("home", "i1"),  # place of its class's system among the systems, -1 where none are known
        ("systems", "<u4"),  # a bit for each system in whose queue it stands
        ("whistled_ms", "<i8"),  # the last whistle
        ("n_whistles", "<i2"),  # on the day of the last
        ("apart", "?"),  # an officer took it out of its fold
        ("paired", "?"),  # has, or had, a similar case: what has none is never looked at for folds
    ]
)
BLANK = np.zeros(1, dtype=DTYPE)
BLANK["grid"], BLANK["priority"], BLANK["feed"], BLANK["home"] = -1, 4, -1, -1
BLANK["coming_ms"] = BLANK["marks_ms"] = FAR
for _name in (
    "reported_ms",
    "due_ms",
    "ended_ms",
    "came_ms",
    "since_ms",
    "heard_ms",
    "whistled_ms",
):
    BLANK[_name] = NEVER
