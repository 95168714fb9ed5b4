"""What may be asked for of a whistle: the shapes of the requests, and how they are read."""

from datetime import datetime
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from dashboard.commands import CALLED_MAX, KEY_MAX, NOTE_MAX
from dashboard.domain.incident_life import WhistleKind
from dashboard.domain.whistle_life import DEPARTMENT_STEPS, NEEDS, Step
from dashboard.errors import Refused

T = TypeVar("T")
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Key = Annotated[str, Meta(min_length=1, max_length=KEY_MAX)]
Note = Annotated[str, Meta(max_length=NOTE_MAX)]
Said = Annotated[str, Meta(min_length=1, max_length=NOTE_MAX)]
Mark = Annotated[int, Meta(ge=1, le=5)]


class NewWhistle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whistle for departments. `approve`: blown at once by whoever may approve it."""

    incident: Annotated[str, Meta(min_length=1, max_length=128)]
    kind: WhistleKind
    called: Annotated[list[Name], Meta(min_length=1, max_length=CALLED_MAX)]
    key: Key
    note: Note | None = None
    approve: bool = False


class StepWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step. `version` is the whistle's that was seen; for a department's step its part's."""

    step: Step
    version: Annotated[int, Meta(ge=0)]
    key: Key
    note: Note | None = None
    department: Name | None = None
    contact: Said | None = None
    measures: Said | None = None
    promised_at: Annotated[datetime, Meta(tz=True)] | None = None
    speed: Mark | None = None
    quality: Mark | None = None


class Done(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a click for a day; `asked` is the hash of what it asked for."""

    asked: str
    whistle: str
    incident: str
    version: int  # of the whole case
    at_ms: int


EXTRAS: Final = ("department", "contact", "measures", "promised_at", "speed", "quality")


def decode(body: bytes, shape: type[T]) -> T:
    """Raises Refused, naming the field and what was expected."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text, _, place = str(error).partition(" - at `$")
        raise Refused(place.strip("`.") or "body", text) from error


def check_fields(wish: StepWish) -> None:
    """Raises Refused for a field that is missing or of no use."""
    needs = NEEDS.get(wish.step, ())
    for name in needs:
        if getattr(wish, name) in (None, ""):
            raise Refused(name, f"{wish.step} needs it")
    takes = (*needs, "department") if wish.step in DEPARTMENT_STEPS else needs
    for name in EXTRAS:
        if getattr(wish, name) is not None and name not in takes:
            raise Refused(name, f"{wish.step} does not take it")
