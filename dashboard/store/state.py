"""The board's checkpoint and deltas: what changed and the stream position in one transaction."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import numpy as np
from redis.asyncio import Redis
from redis.exceptions import WatchError

from dashboard.domain.alerts import Alert, AlertNews, Mute
from dashboard.domain.board import Board, Changes
from dashboard.domain.cameras import STATE_DTYPE, CameraRow
from dashboard.domain.devices import Device
from dashboard.domain.events import CameraRollup, ResourceExchanged
from dashboard.domain.incidents import Incident
from dashboard.domain.picture import Delta, Picture
from dashboard.errors import ActsWaiting, SeatLost, StateUnreadable
from dashboard.store import keys
from dashboard.store.alert_log import decode_entries
from dashboard.store.alerts import Round, decode_alerts, decode_mutes, queue_round
from dashboard.store.client import entries_of, reported
from dashboard.store.seat import HELD_MS

FORMAT = 2  # of every row, picture and delta; raise it with any of their shapes
START = "0-0"
PICTURE_LEVEL = (
    1  # the picture is written every second and mostly small numbers: a tenth of the bytes
)

_encoder = msgspec.msgpack.Encoder()
_camera_row = msgspec.msgpack.Decoder(CameraRow)
_incident = msgspec.msgpack.Decoder(Incident)
_rollup = msgspec.msgpack.Decoder(CameraRollup)
_device = msgspec.msgpack.Decoder(Device)
_resource = msgspec.msgpack.Decoder(ResourceExchanged)
_picture = msgspec.msgpack.Decoder(Picture)
_delta = msgspec.msgpack.Decoder(Delta)
_names = msgspec.msgpack.Decoder(list[str])
_reporters = msgspec.msgpack.Decoder(dict[str, set[str]])


@dataclass(slots=True)
class Loaded:
    """Where the board goes on: everything at `position` is in the state, nothing after it.

    Chunks up to `shown` were folded and published before the last board ended.
    """

    position: str = START
    tick: int = 0
    topics: bytes = b""
    areas: tuple[str, ...] = ()
    shown: str = START


@dataclass(slots=True)
class Save:
    """One transaction: always the delta, and with `position` the state as of that chunk too."""

    seat: str
    delta: Delta
    topics: bytes
    shown: str
    position: str | None = None
    picture: Picture | None = None
    changes: Changes = field(default_factory=Changes)
    staff_gone: list[str] = field(default_factory=list)
    minutes_gone: list[int] = field(default_factory=list)
    incidents_gone: list[str] = field(default_factory=list)
    rules: Round = field(default_factory=Round)


@dataclass(slots=True)
class WholePicture:
    """What a web process starts from; the deltas after `picture.tick` bring it up to date."""

    picture: Picture
    cameras: list[CameraRow]
    camera_states: Mapping[int, bytes]
    incidents: list[Incident]
    alerts: list[Alert] = field(default_factory=list)
    mutes: dict[str, Mute] = field(default_factory=dict)
    news: list[AlertNews] = field(default_factory=list)  # oldest first
    devices: list[Device] = field(default_factory=list)


class StateStore:
    """Saves and loads the board's state, appends and reads deltas."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def save(self, board: Board, save: Save) -> None:
        """All of it or nothing.

        Raises StoreAway, SeatLost when another board took over, and ActsWaiting when an officer
        acted on an alert since: that act is to be judged before this round.
        """
        with reported():
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(keys.SEAT, keys.ALERT_ACTED)
                seat, acted = await pipe.mget(keys.SEAT, keys.ALERT_ACTED)
                _check_seat(save.seat, seat)
                if save.rules.tells and acted not in (None, save.rules.acted.encode()):
                    raise ActsWaiting
                pipe.multi()
                _queue(pipe, board, save)
                try:
                    await pipe.execute()
                except WatchError as error:  # the client says so too when the store went away
                    _check_seat(save.seat, await self._redis.get(keys.SEAT))
                    if await self._redis.get(keys.ALERT_ACTED) != acted:
                        raise ActsWaiting from error
                    raise

    async def load(self, board: Board) -> Loaded:
        """Fill an empty board from the checkpoint. Raises StoreAway, StateUnreadable."""
        with reported():
            async with self._redis.pipeline(transaction=True) as pipe:
                for key in (keys.CHECKPOINT, *keys.BOARD_HASHES):
                    pipe.hgetall(key)
                pipe.get(keys.COVER)
                pipe.get(keys.PICTURE)
                pipe.xrevrange(keys.DELTAS, count=1)
                *hashes, cover, picture, last = await pipe.execute()
        checkpoint = cast("dict[bytes, bytes]", hashes[0])
        if b"position" not in checkpoint:
            return Loaded(tick=_tick_of(last), topics=checkpoint.get(b"topics", b""))
        _check_format(checkpoint.get(b"format"))
        with _readable():
            return _fill_board(board, hashes, cover, picture, _tick_of(last))

    async def incidents(self) -> tuple[str, list[Incident]]:
        """The checkpoint's incidents, and the position up to which they are told.

        Raises StoreAway, StateUnreadable.
        """
        with reported():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hmget(keys.CHECKPOINT, ["format", "position"])
                pipe.hvals(keys.INCIDENTS)
                (form, position), incidents = await pipe.execute()
        if position is None:
            return START, []
        _check_format(form)
        with _readable():
            return position.decode(), [_incident.decode(row) for row in incidents]

    async def whole_picture(self, news_since_ms: int) -> WholePicture | None:
        """The last saved picture, its cameras, incidents and alerts, with the alert log since an
        instant; None before the first.

        Raises StoreAway, StateUnreadable.
        """
        with reported():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hget(keys.CHECKPOINT, "format")
                pipe.get(keys.PICTURE)
                pipe.hvals(keys.CAMERAS)
                pipe.hgetall(keys.CAMERA_STATES)
                pipe.hvals(keys.INCIDENTS)
                pipe.hvals(keys.ALERTS)
                pipe.hget(keys.ALERT_STATE, "mutes")
                pipe.xrange(keys.ALERT_LOG, str(news_since_ms), "+")
                pipe.hvals(keys.DEVICES)
                form, picture, cameras, states, incidents, *alerts = await pipe.execute()
        if picture is None:
            return None
        _check_format(form)
        with _readable():
            return WholePicture(
                _picture.decode(zlib.decompress(picture)),
                [_camera_row.decode(row) for row in cameras],
                {int(number): row for number, row in states.items()},
                [_incident.decode(row) for row in incidents],
                decode_alerts(alerts[0]),
                decode_mutes(alerts[1]),
                [line for _, news in decode_entries(alerts[2]) for line in news],
                [_device.decode(row) for row in alerts[3]],
            )

    async def deltas_after(self, tick: int, block_ms: int) -> list[Delta]:
        """Deltas after a tick, oldest first; waits up to `block_ms` for the first."""
        with reported():
            answer = cast(
                "dict[bytes, Any]",
                await self._redis.xread({keys.DELTAS: f"{tick}-0"}, count=64, block=block_ms),
            )
        with _readable():
            return [_delta.decode(fields[b"d"]) for _, fields in entries_of(answer)]


def _tick_of(last: list[Any]) -> int:
    return int(last[0][0].partition(b"-")[0]) if last else 0


@contextmanager
def _readable() -> Iterator[None]:
    """What was written by a program that did not raise FORMAT, or is damaged."""
    try:
        yield
    except (msgspec.DecodeError, zlib.error, KeyError, UnicodeDecodeError) as error:
        raise StateUnreadable(repr(error)) from error


def _check_format(form: bytes | None) -> None:
    if form != b"%d" % FORMAT:
        found = "none" if form is None else form.decode(errors="replace")
        raise StateUnreadable(f"format {found}, expected {FORMAT}")


def _check_seat(seat: str, holder: Any) -> None:
    if holder != seat.encode():
        raise SeatLost(None if holder is None else holder.decode())


def _queue(pipe: Any, board: Board, save: Save) -> None:
    tick = save.delta.tick
    pipe.set(keys.SEAT, save.seat, px=HELD_MS)
    pipe.hset(
        keys.CHECKPOINT,
        mapping={"format": FORMAT, "tick": tick, "topics": save.topics, "shown": save.shown},
    )
    if save.position is not None:
        _queue_state(pipe, board, save)
    queue_round(pipe, save.rules)
    pipe.xadd(
        keys.DELTAS,
        {"d": _encoder.encode(save.delta)},
        id=f"{tick}-0",
        maxlen=keys.DELTAS_MAXLEN,
        approximate=True,
    )


def _queue_state(pipe: Any, board: Board, save: Save) -> None:
    """Queue every changed row and the position that they belong to."""
    for key, mapping in _changed_rows(board, save.changes).items():
        if mapping:
            pipe.hset(key, mapping=mapping)
    for key, gone in (
        (keys.STAFF, save.staff_gone),
        (keys.CHECKINS, save.minutes_gone),
        (keys.INCIDENTS, save.incidents_gone),
        (keys.INCIDENT_GRIDS, save.incidents_gone),
        (keys.INCIDENT_HEADS, save.incidents_gone),
    ):
        if gone:
            pipe.hdel(key, *gone)
    checkpoint = {
        "position": save.position,
        "feeds": _encoder.encode(list(board.feed_number)),
        "reporters": _encoder.encode(board.reporters),
    }
    pipe.hset(keys.CHECKPOINT, mapping=checkpoint)
    if save.changes.minutes:
        pipe.set(keys.COVER, board.staff.covered_ms.tobytes())
    pipe.set(keys.PICTURE, zlib.compress(_encoder.encode(save.picture), PICTURE_LEVEL))


def _changed_rows(board: Board, changes: Changes) -> dict[str, dict[Any, bytes]]:
    """By key of the store, field and row; what came and was forgotten at once is left out."""
    encode = _encoder.encode
    cameras, cases, checkins = board.cameras, board.incidents.by_id, board.staff.checkins
    registered = [cameras.registered[number] for number in changes.registered]
    return {
        keys.CAMERAS: {row.id: encode(row) for row in registered},
        keys.CAMERA_STATES: _state_rows(board, changes),
        keys.ROLLUPS: {f"{g}:{o}": encode(cameras.rollups[g, o]) for g, o in changes.rollups},
        keys.INCIDENTS: {i: encode(cases[i]) for i in changes.incidents if i in cases},
        keys.STAFF: _staff_rows(board, changes.staff),
        keys.CHECKINS: {m: checkins[m].tobytes() for m in changes.minutes if m in checkins},
        keys.RESOURCES: {r: encode(board.resources[r]) for r in changes.resources},
        keys.DEVICES: {d: encode(cameras.devices.by_id[d]) for d in changes.devices},
    }


def _state_rows(board: Board, changes: Changes) -> dict[bytes, bytes]:
    """A camera without a state yet has a row too: it tells which feed registered it."""
    new = np.array(sorted(changes.registered), dtype=np.int64)
    numbers = np.union1d(changes.state_numbers(), new)
    rows = board.cameras.table.rows[numbers]
    packed = np.empty(len(numbers), dtype=STATE_DTYPE)
    for name in STATE_DTYPE.names or ():
        packed[name] = rows[name]
    body, size = packed.tobytes(), STATE_DTYPE.itemsize
    # A camera heard of but not registered yet has no row elsewhere, so its identity travels here.
    ids, registered = board.cameras.table.ids, board.cameras.registered
    return {
        b"%d" % number: body[i * size : (i + 1) * size]
        + (b"" if number in registered else ids[number].encode())
        for i, number in enumerate(numbers.tolist())
    }


def _staff_rows(board: Board, names: Iterable[str]) -> dict[str, bytes]:
    table = board.staff.table
    areas, rows = board.region.areas, table.rows
    found = {}
    for name in names:
        number = table.number_of.get(name)
        if number is not None:
            grid, seen_ms, feed = rows[number].tolist()
            found[name] = _encoder.encode((areas[grid].code, seen_ms, feed))
    return found


def _fill_board(
    board: Board,
    hashes: list[dict[bytes, bytes]],
    cover: bytes | None,
    picture: bytes | None,
    last_tick: int,
) -> Loaded:
    checkpoint = hashes[0]
    for name in _names.decode(checkpoint[b"feeds"]):
        board.number_feed(name)
    for group, names in _reporters.decode(checkpoint[b"reporters"]).items():
        board.reporters[group].update(names)
    _fill(board, hashes[1:])
    areas = _picture.decode(zlib.decompress(picture)).areas if picture else ()
    if cover and areas == tuple(area.code for area in board.region.areas):
        held = np.frombuffer(cover, dtype=np.int64)
        board.staff.covered_ms = np.maximum(board.staff.covered_ms, held)
    tick = max(int(checkpoint[b"tick"]), last_tick)
    position = checkpoint[b"position"]
    shown = checkpoint.get(b"shown", position).decode()
    return Loaded(position.decode(), tick, checkpoint[b"topics"], areas, shown)


def _fill(board: Board, hashes: list[dict[bytes, bytes]]) -> None:
    cameras, states, rollups, incidents, staff, checkins, resources, devices = hashes
    board.cameras.devices.put(_device.decode(row) for row in devices.values())
    _fill_cameras(board, [_camera_row.decode(row) for row in cameras.values()], states)
    for row in rollups.values():
        board.cameras.roll_up([_rollup.decode(row)])
    for row in incidents.values():
        incident = _incident.decode(row)
        board.incidents.by_id[incident.id] = incident
    if incidents:
        board.incidents.index(set(board.incidents.by_id), board.feed_number)
    _fill_staff(board, staff)
    for minute, counts in checkins.items():
        held = np.frombuffer(counts, dtype=np.int32)
        if len(held) == len(board.region.grids):
            board.staff.checkins[int(minute)] = held.copy()
    for name, body in resources.items():
        board.resources[name.decode()] = _resource.decode(body)


def _fill_cameras(board: Board, rows: list[CameraRow], states: dict[bytes, bytes]) -> None:
    """Numbers are kept as they were: the web's columns use the same."""
    size = STATE_DTYPE.itemsize
    names = {row.number: row.id for row in rows}
    for field_name, body in states.items():
        names.setdefault(int(field_name), body[size:].decode())
    for number in range(max(names, default=-1) + 1):
        board.cameras.table.number(names.get(number, f"\x00{number}"))
    board.cameras.put(rows)
    if states:
        numbers = np.fromiter((int(number) for number in states), dtype=np.int64, count=len(states))
        packed = np.frombuffer(b"".join(body[:size] for body in states.values()), dtype=STATE_DTYPE)
        times = packed["status_ms"].astype(np.int64)
        board.cameras.table.rows["feed"][numbers] = packed["feed"]
        board.cameras.put_states(
            numbers, packed["status"].astype(np.int64), times, packed["feed"].astype(np.int64)
        )


def _fill_staff(board: Board, rows: dict[bytes, bytes]) -> None:
    place = msgspec.msgpack.Decoder(tuple[str, int, int])
    by_code, staff = board.region.by_code, board.staff
    for name, body in rows.items():
        code, seen_ms, feed = place.decode(body)
        area = by_code.get(code)
        if area is None:
            continue
        number = staff.table.numbers([name.decode()])
        staff.put(number, np.array([area.index]), np.array([seen_ms]), feed)
        row = area.index - board.region.first_grid
        staff.covered_ms[row] = max(staff.covered_ms[row], seen_ms)
