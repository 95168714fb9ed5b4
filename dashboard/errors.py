"""Every error of ours: attributes for code, `str()` for people.

OneMapError
├── SettingError       a setting cannot be used
├── RegionError        a region pack cannot be used
├── StoreAway          the store does not answer
├── StoreFull          the store has no room for more events just now
├── StateUnreadable    the board's state was written by another version of the program
├── SeatLost           another process has taken over this one's work
├── SequenceTooOld     a batch number lies below the remembered window
├── UnknownFeed        no feed of that name
├── Conflict           what an act was decided on had changed
├── AlreadyDone        the same request came before
├── AuditBroken        the audit trail was tampered with
├── Refused            what was asked for cannot be: field and reason
├── Missing            there is no such account, session, token or display
├── Stale              it was changed by someone else meanwhile
│   └── HandoverMoved  a hand-over was signed, withdrawn or begun by someone else first
├── Outrun             a case was moved by someone else first
├── WhistleOutrun      a step of a whistle was taken by someone else first
├── NotAllowed         a step of a case is not for this asker, or not possible now
├── TooBusy            as many passwords are being checked as there is room for
└── SignInFailed       the identity provider's answer does not let this person in
"""

from collections.abc import Sequence
from typing import Any


class OneMapError(Exception):
    """Anything of ours that is safe to show to a person."""


class SettingError(OneMapError):
    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"setting {name} is {value!r}; expected {expected}")
        self.name = name


class RegionError(OneMapError):
    """A region pack was refused: `code` names the feature (or file), `reason` what is wrong."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"region pack refused: {code}: {reason}")
        self.code = code
        self.reason = reason


class StoreAway(OneMapError):
    """The store could not be reached; nothing was written."""


class StoreFull(OneMapError):
    """The store holds as many unread events as it may; nothing was written."""


class StateUnreadable(OneMapError):
    def __init__(self, problem: str) -> None:
        super().__init__(
            f"the board's state in the store cannot be read ({problem}); run the version that "
            "wrote it, or start with an empty data folder (ONEMAP_DATA) or store (REDIS_URL)"
        )


class SeatLost(OneMapError):
    """A process was paused for so long that its seat went to another; nothing was written."""

    def __init__(self, holder: str | None) -> None:
        super().__init__("this process lost its seat" + ("" if holder is None else f" to {holder}"))
        self.holder = holder


class ActsWaiting(OneMapError):
    """An officer acted on an alert that the round did not know of; nothing was written."""

    def __init__(self) -> None:
        super().__init__("an officer's act is to be judged first")


class SequenceTooOld(OneMapError):
    def __init__(self, sequence: int, oldest: int) -> None:
        super().__init__(
            f"sequence {sequence} is older than the remembered ones (from {oldest}); "
            "whether it landed is not known: send it under a new number"
        )
        self.sequence = sequence
        self.oldest = oldest


class UnknownFeed(OneMapError):
    def __init__(self, name: str) -> None:
        super().__init__(f"there is no feed named {name!r}")
        self.name = name


class Conflict(OneMapError):
    """What an act was decided on had changed; nothing was written."""

    def __init__(self, subject: str, key: str) -> None:
        super().__init__(f"{subject} was changed meanwhile")
        self.subject = subject
        self.key = key


class AlreadyDone(OneMapError):
    """The same request came before; `answer` is what it was answered then."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("this was done already")
        self.answer = answer


class AuditBroken(OneMapError):
    def __init__(self, problem: str) -> None:
        super().__init__(
            f"the audit trail takes no entry ({problem}), so nothing is done that belongs in it; "
            "run: python app.py audit verify (docs/audit.md)"
        )


class Refused(OneMapError):
    """What was asked for cannot be: `field` names what is wrong, `reason` what was expected."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Missing(OneMapError):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is no {kind} {name!r}")


class Stale(OneMapError):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name!r} was changed by someone else meanwhile; look again")


class HandoverMoved(Stale):
    """Somebody was first: `handover` is the hand-over as it is now, None if that is not known."""

    def __init__(self, name: str, reason: str, handover: dict[str, Any] | None) -> None:
        super().__init__("hand-over", name)
        self.args = (reason,)
        self.handover = handover


class Outrun(OneMapError):
    """Somebody moved a case first: `winner` says who, when and how, `incident` how it is now."""

    def __init__(
        self, incident_id: str, winner: dict[str, Any] | None, incident: dict[str, Any] | None
    ) -> None:
        who = "" if winner is None else f": {winner['action']} by {winner['by']} at {winner['at']}"
        super().__init__(f"incident {incident_id!r} was moved meanwhile{who}")
        self.winner = winner
        self.incident = incident


class AlertOutrun(OneMapError):
    """An alert changed first: `winner` says who or what did, `alert` how it is now."""

    def __init__(
        self, alert_id: str, winner: dict[str, Any] | None, alert: dict[str, Any] | None
    ) -> None:
        super().__init__(f"alert {alert_id!r} changed meanwhile")
        self.winner = winner
        self.alert = alert


class WhistleOutrun(OneMapError):
    """Somebody took a step of a whistle first: `winner` says who, when and how."""

    def __init__(self, name: str, winner: dict[str, Any] | None, whistle: dict[str, Any]) -> None:
        who = "" if winner is None else f": {winner['step']} by {winner['by']} at {winner['at']}"
        super().__init__(f"whistle {name!r} was moved meanwhile{who}")
        self.winner = winner
        self.whistle = whistle


class NotAllowed(OneMapError):
    """A step cannot be taken: `code` names why, `possible` what can be done instead."""

    def __init__(
        self, code: str, reason: str, possible: Sequence[str], *, is_forbidden: bool
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.possible = tuple(possible)
        self.is_forbidden = is_forbidden


class TooBusy(OneMapError):
    def __init__(self) -> None:
        super().__init__("too many people sign in just now; try again in a moment")


class SignInFailed(OneMapError):
    """Signing in by the identity provider came to nothing; names no token, code or secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"sign-in failed: {reason}")
        self.reason = reason
