"""Reads one file of a region pack into its shape, and says where it is wrong."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from dashboard.errors import RegionError

T = TypeVar("T")
Text = Annotated[str, Meta(min_length=1)]


def read(path: Path, shape: type[T]) -> T:
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
    """Raises RegionError on a code that comes again; `place` None: it is named by itself."""
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise RegionError(place or code, f"{code} is there twice")
        seen.add(code)
