"""What is asked of the audit trail: an act with its checks and writes, and who does it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.store import keys

Argument = str | bytes | int

UNCHECKED = frozenset({keys.ALERT_ACTED})  # set by many acts and checked by the board alone

# In place of a write's argument, for what is only known as it is written.
ENTRY_NUMBER = b"\x00entry"  # of the act's own entry
LAST_POSITION = b"\x00position"  # that the act's last XADD was given


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A field of a hash (or a whole key, when `field` is None) is `expected`; None: absent."""

    key: str
    field: str | None = None
    expected: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is to be done and how it is told. `writes` are commands: ("HSET", key, field, value).

    `once`: a key of the caller's request and the answer to give when the same comes again.
    """

    actor: str
    role: str
    address: str
    action: str
    subject: str
    outcome: str = "done"
    area: str | None = None
    version: int | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    detail: str | None = None
    checks: tuple[Check, ...] = ()
    writes: tuple[tuple[Argument, ...], ...] = ()
    once: tuple[str, bytes] | None = None

    def touches(self) -> Iterator[tuple[str, str | None]]:
        """Keys and fields it reads or writes; a field of None is the whole key."""
        for check in self.checks:
            yield check.key, check.field
        for command, key, *rest in self.writes:
            if command == "XADD" or key in UNCHECKED:
                continue  # appending, or setting what no act checks, takes nothing from another
            names = rest[::2] if command == "HSET" else rest if command == "HDEL" else [None]
            for name in names:
                yield _text(key), None if name is None else _text(name)
        if self.once is not None:
            yield self.once[0], None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, and from where. `once`: as in Act."""

    name: str
    role: str
    address: str
    once: tuple[str, bytes] | None = None

    def act(self, action: str, subject: str, **more: Any) -> Act:
        """`more` are fields of Act."""
        return Act(
            actor=self.name,
            role=self.role,
            address=self.address,
            action=action,
            subject=subject,
            once=self.once,
            **more,
        )


COMMAND_LINE = Actor("command line", "administrator", "command line")


def _text(argument: Argument) -> str:
    return argument.decode(errors="replace") if isinstance(argument, bytes) else str(argument)
