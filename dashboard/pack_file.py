"""What every file of a region pack has in common: how it is read, and what its fields may hold."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from dashboard.errors import RegionError

T = TypeVar("T")
Text = Annotated[str, Meta(min_length=1)]
Lon = Annotated[float, Meta(ge=-180, le=180)]
Lat = Annotated[float, Meta(ge=-90, le=90)]
Position = tuple[Lon, Lat]


def read_file(path: Path, shape: type[T]) -> T:
    """Raises RegionError naming the file and the field."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except OSError as error:
        raise RegionError(path.name, f"cannot be read: {error.strerror}") from error
    except msgspec.ValidationError as error:
        raise RegionError(path.name, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RegionError(path.name, f"is not JSON: {error}") from error


def refuse_repeats(place: str | None, codes: Iterable[str]) -> None:
    """`place` None: the repeated code itself is the feature's name. Raises RegionError."""
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise RegionError(place or code, f"{code} is there twice")
        seen.add(code)
