"""Patterns of class codes, such as "05-03", "01-*" or "P-01-*"; the more they say, the closer."""

import re
from collections.abc import Iterable

EVENT_PREFIX = "E-"  # of event classes; may be left out, in patterns and in codes
FACILITY_PREFIX = "P-"  # of facility classes; never left out
PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*\*?|\*")


def is_pattern(text: str) -> bool:
    """Letters, digits, dots and dashes; a star stands for the rest, at the end and nowhere else."""
    return PATTERN.fullmatch(text) is not None


def closeness(pattern: str, code: str) -> int | None:
    """How much of `code` the pattern spells out, in characters; None when it does not match.

    A pattern without a star is one closer than any with a star. Of patterns that match one code
    the closest is the most specific.
    """
    pattern, code = pattern.removeprefix(EVENT_PREFIX), code.removeprefix(EVENT_PREFIX)
    if not pattern.endswith("*"):
        return len(code) + 1 if pattern == code else None
    spelt = pattern[:-1]
    return len(spelt) if code.startswith(spelt) else None


def closest(patterns: Iterable[str], code: str) -> int | None:
    """`closeness` of the closest; None when none matches."""
    found = (closeness(pattern, code) for pattern in patterns)
    return max((one for one in found if one is not None), default=None)


def first_without_code(patterns: Iterable[str], codes: Iterable[str]) -> str | None:
    """The first pattern of events that matches none of `codes`: most likely a slip.

    Patterns of facilities are looked at only where `codes` hold facilities at all.
    """
    codes = tuple(codes)
    has_facilities = any(code.startswith(FACILITY_PREFIX) for code in codes)
    for pattern in patterns:
        if pattern.startswith(FACILITY_PREFIX) and not has_facilities:
            continue
        if all(closeness(pattern, code) is None for code in codes):
            return pattern
    return None
