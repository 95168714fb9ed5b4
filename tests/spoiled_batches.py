"""Batches spoiled in every way we could think of, the same ones for the same seed."""

import itertools
import json
import random
from collections.abc import Iterator

from tests.crowd import event_maker

WRONG = (None, True, False, 0, -1, 1.5, 2**63, "", "x", "不", [], {}, [1, [2]], {"a": None}, "\x00")
WORDS = ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "-0", "1.", "01", "0x10", "'x'", "nul")
SEQUENCES = ("-1", "1e3", "1.5", '"7"', "null", "[]", "9" * 30, "9" * 5_000, "true", str(2**53 + 1))
TIMES = (
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "1970-01-01T00:00:00Z",
    "1999-12-31T23:59:59Z",
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-11-22T25:00:00Z",
    "2026-11-22T12:00:00",
    "2026-11-22",
    "12:00",
    "刚才",
    "1763784000",
    "2026-11-22T12:00:00+99:00",
    "2026-11-22T12:00:60Z",
    "+102026-11-22T12:00:00Z",
)
AREAS = (
    "530111999",
    "440300",
    "",
    "530111",
    "530111001",
    "官渡区",
    "5" * 64,
    "5" * 65,
    "../..",
    "\n",
)
POINTS = (
    (102.7, None),
    (None, 25.0),
    (0, 0),
    (180, 90),
    (-180, -90),
    (181, 25),
    (102.7, 1e300),
    (25.0, 102.7),
    (5e-324, 25),
    ("102.7", "25"),
)
WHOLE = (b"", b" ", b"null", b"true", b"0", b'""', b"[]", b"{}", b"[[]]", b'{"events":{}}', b"\x00")
HOLE = "\ufffcHOLE\ufffc"  # stands for raw text that JSON cannot hold
LETTERS = (  # strings that are none
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\xed\xa0\x80"',
    b'"\xb9\xd9"',
    b'"\xff\xfe"',
    b'"\x00"',
    b'"\\u0000"',
    b'"\x1f"',
    b'"\\x41"',
    b'"\\"',
    b'"\xc0\xaf"',
    b'"\xf4\x90"',
)
ENCODINGS = ("gb2312", "gb18030", "utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7", "big5")


def text_of(batch) -> str:
    return json.dumps(batch, ensure_ascii=False)


def places_of(value, path=()) -> Iterator[tuple]:
    """Path of everything inside, dictionaries and lists included."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places_of(inner, (*path, key))


class Spoiler:
    """Makes valid batches and spoils each in one way."""

    def __init__(self, seed: int, grids) -> None:
        self._random = random.Random(seed)
        self._events = event_maker(f"spoiled{seed}", grids)
        self._ways = [
            getattr(self, name) for name in sorted(dir(self)) if name.startswith("spoil_")
        ]

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Way and body, for ever; the ways take turns."""
        for way in itertools.cycle(self._ways):
            body = way(self.batch())
            yield way.__name__, body if isinstance(body, bytes) else body.encode()

    def batch(self):
        return {"events": list(itertools.islice(self._events, self._random.randint(1, 4)))}

    def _put(self, batch, new):
        """The batch with one thing in it replaced, whatever that is."""
        *path, last = self._random.choice(list(places_of(batch)))
        target = batch
        for key in path:
            target = target[key]
        target[last] = new
        return batch

    def _event(self, batch):
        return self._random.choice(batch["events"])

    def _fill(self, batch, raw) -> str:
        """JSON with something raw in a random place."""
        return text_of(self._put(batch, HOLE)).replace(f'"{HOLE}"', raw)

    def spoil_cut(self, batch):
        body = text_of(batch).encode()
        return body[: self._random.randrange(len(body))]

    def spoil_type(self, batch):
        return text_of(self._put(batch, self._random.choice(WRONG)))

    def spoil_number(self, batch):
        return self._fill(batch, self._random.choice(WORDS))

    def spoil_missing(self, batch):
        event = self._event(batch)
        holder = self._random.choice([event, event["data"]])
        del holder[self._random.choice(list(holder))]
        return text_of(batch)

    def spoil_area(self, batch):
        self._event(batch)["area"] = self._random.choice(AREAS)
        return text_of(batch)

    def spoil_point(self, batch):
        event = self._event(batch)
        del event["area"]
        lon, lat = self._random.choice(POINTS)
        event |= {"lon": lon, "lat": lat}
        event["datum"] = self._random.choice(["wgs84", "gcj02", "bd09", "mars", "", None, 4326])
        return text_of(batch)

    def spoil_time(self, batch):
        self._event(batch)["time"] = self._random.choice(TIMES)
        return text_of(batch)

    def spoil_depth(self, batch):
        depth = self._random.choice([10, 200, 1_000, 5_000])
        opened, closed = self._random.choice([("[", "]"), ('{"a":', "}")])
        inner = "1" if closed == "}" else ""
        return self._fill(batch, opened * depth + inner + closed * self._random.choice([0, depth]))

    def spoil_size(self, batch):
        n = self._random.choice([129, 1_000, 20_000, 100_000])
        kind = self._random.choice(["text", "digits", "fraction", "many"])
        raw = {"text": '"' + "长" * n + '"', "digits": "7" * n, "fraction": "0." + "7" * n}
        return self._fill(batch, raw.get(kind, "[" + "0," * n + "0]"))

    def spoil_encoding(self, batch):
        self._event(batch)["data"]["name"] = "昆明市官渡区"
        return text_of(batch).encode(self._random.choice(ENCODINGS), errors="replace")

    def spoil_letter(self, batch):
        raw = self._random.choice(LETTERS)
        return self._fill(batch, HOLE).encode().replace(HOLE.encode(), raw)

    def spoil_byte(self, batch):
        body = bytearray(text_of(batch).encode())
        for _ in range(self._random.randint(1, 4)):
            body[self._random.randrange(len(body))] = self._random.randrange(256)
        return bytes(body)

    def spoil_twice(self, batch):
        """Two keys of one name: the last one counts, the first must not slip by unchecked."""
        event = self._event(batch)
        key = self._random.choice(list(event))
        return self._fill(batch, json.dumps(event)[:-1] + f',"{key}":' + '"twice"}')

    def spoil_whole(self, _batch):
        return self._random.choice(WHOLE)

    def spoil_list(self, batch):
        whole = [batch["events"], {"events": [batch["events"]]}, [batch], {"Events": []}]
        whole += [{"events": [None, 1, "x", [], {}, True, 1.5]}, {"events": "x"}, {"event": batch}]
        return text_of(self._random.choice(whole))

    def spoil_sequence(self, batch):
        head = f'{{"sequence":{self._random.choice(SEQUENCES)},'
        return head + text_of(batch)[1:]

    def spoil_word(self, batch):
        """A type, role, class or status that is none; person events among them."""
        event = self._event(batch)
        word = self._random.choice(
            ["face.seen", "camera.alarm", "Camera.Registered", "x" * 300, ""]
        )
        words = {"type", "class", "role", "ownership", "channel"}
        holder = self._random.choice([event, event["data"]])
        key = self._random.choice(sorted(words & holder.keys()))
        holder[key] = word
        return text_of(batch)
