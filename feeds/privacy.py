"""Which camera events speak of people's behaviour: they are dropped at the door and only counted.

GB/T 28181 alarm method 5 (video), types 5 to 10 and 12: tripwire, intrusion, wrong way, loitering,
people counting, density, fast movement. Their own event types, as analytics boxes name them, are
dropped by prefix.
"""

import msgspec

from feeds.schema import AlarmIn

PERSON_PREFIXES = (
    "person.",
    "face.",
    "people.",
    "crowd.",
    "camera.person",
    "camera.face",
    "camera.behavior",
    "camera.behaviour",
    "camera.crowd",
    "camera.plate",
)
VIDEO_METHOD = "5"
PERSON_ALARM_TYPES = frozenset({"5", "6", "7", "8", "9", "10", "12"})


class _Alarm(msgspec.Struct):
    method: int | str | None = None
    alarm_type: int | str | None = None


_alarm_decoder = msgspec.json.Decoder(_Alarm)


def is_about_people(event: AlarmIn) -> bool:
    """True for an event that may not be kept; `event` is of a type the intake does not carry."""
    kind = (event.type or "").lower()
    if kind.startswith(PERSON_PREFIXES):
        return True
    if kind != "camera.alarm":
        return False
    try:
        alarm = _alarm_decoder.decode(event.data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return VIDEO_METHOD in str(alarm.method) and str(alarm.alarm_type) in PERSON_ALARM_TYPES
