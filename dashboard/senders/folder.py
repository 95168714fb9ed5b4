"""Sender: writes a parcel as a file, whole or not at all."""

import asyncio
import os
from pathlib import Path

from dashboard.senders.parcels import NotSent, Parcel


class FolderSender:
    """Writes NAME.xml into one folder, where the same delivery always has the same name."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    async def send(self, parcel: Parcel) -> None:
        """Raises NotSent."""
        try:
            await asyncio.to_thread(self._write, parcel)
        except OSError as error:
            raise NotSent(f"the file cannot be written: {error.strerror}") from error

    def _write(self, parcel: Parcel) -> None:
        """On the disk before its name is there: who looks at the folder finds whole files only."""
        path = self._folder / f"{parcel.id}.xml"
        draft = self._folder / f".{parcel.id}.{os.getpid()}"
        try:
            with draft.open("wb") as file:
                file.write(parcel.body)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            self._sync()
        finally:
            draft.unlink(missing_ok=True)

    def _sync(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
