"""Alerts for the public's systems as OASIS Common Alerting Protocol 1.2 documents.

The standard prescribes the order of elements, dates with a numeric offset and no fractions, and no
spaces, commas, < or & in `identifier` and `sender`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from xml.etree import ElementTree as ET

import msgspec
import numpy as np
import shapely

from dashboard.clock import DAY_MS, SHANGHAI, from_ms
from dashboard.domain.alerts import AlertNews
from dashboard.domain.areas import DEPTH, Region
from dashboard.domain.feeds import Feed, FeedCounts, FeedKind
from dashboard.domain.rights import reaches

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
CONTENT_TYPE = "application/cap+xml"
LASTS_MS = DAY_MS  # until a message expires, unless it is updated or cancelled before
MAX_POLYGONS = 20
MAX_REFERENCES = 50
SIMPLE_DEGREES = 0.0001  # about 10 m
ALERT_LANGUAGES = ("zh-CN", "en")
SEVERITIES = {1: "Extreme", 2: "Severe", 3: "Moderate", 4: "Minor"}
NOTES = {
    "Exercise": "演练，请勿作为真实预警 Exercise: not a real alert",
    "Test": "数据来自模拟或回放，请勿作为真实预警 Made up or played back: not a real alert",
}
TOLD = ("raised", "again", "cleared", "test")  # anything else concerns officers only

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Status(StrEnum):
    """Anything but ACTUAL must alarm nobody."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    TEST = "Test"


class Sent(msgspec.Struct, frozen=True, array_like=True):
    """A message sent before about the same alert, as `references` names it."""

    identifier: str
    at_ms: int
    made_up: bool = False


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What one document says. `fields` are the rule's `cap` object; `earlier` oldest first."""

    identifier: str
    sender: str
    status: Status
    news: AlertNews
    fields: Mapping[str, object]
    earlier: tuple[Sent, ...] = ()

    @property
    def made_up(self) -> bool:
        return self.status is Status.TEST

    @property
    def type(self) -> str | None:
        """None: there is nothing to say, as to cancel what was never sent."""
        if self.news.what == "cleared":
            return "Cancel" if self.earlier else None
        if self.news.what not in TOLD:
            return None
        return "Update" if self.earlier else "Alert"


def is_made_up(
    region: Region, area: str, feeds: Sequence[Feed], counts: Mapping[str, FeedCounts]
) -> bool:
    """Whether anything simulated or played back was ever delivered for the area, or a part of it:
    an alert may rest on it."""
    for feed in feeds:
        told = counts.get(feed.name)
        if feed.kind is FeedKind.LIVE or told is None or not told.accepted:
            continue
        if (
            feed.area is None
            or reaches(region, feed.area, area)
            or reaches(region, area, feed.area)
        ):
            return True
    return False


def document(message: Message, region: Region) -> bytes:
    """UTF-8, with its declaration. The message has a type."""
    kind, news = message.type, message.news
    root = ET.Element("alert", xmlns=NAMESPACE)
    _add(root, "identifier", message.identifier)
    _add(root, "sender", message.sender)
    _add(root, "sent", moment(news.at_ms))
    _add(root, "status", message.status)
    _add(root, "msgType", str(kind))
    _add(root, "source", f"One Map {region.name_en}")
    _add(root, "scope", "Public")
    if message.status in NOTES:
        _add(root, "note", NOTES[message.status])
    if message.earlier:
        named = (f"{message.sender},{s.identifier},{moment(s.at_ms)}" for s in message.earlier)
        _add(root, "references", " ".join(named))
    for language in ALERT_LANGUAGES:
        _add_info(root, message, region, language)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _add_info(root: ET.Element, message: Message, region: Region, language: str) -> None:
    fields, news, is_zh = message.fields, message.news, language == "zh-CN"
    is_over = message.type == "Cancel"
    info = ET.SubElement(root, "info")
    _add(info, "language", language)
    for category in _words(fields.get("category") or "Other"):
        _add(info, "category", category)
    _add(info, "event", _text(fields, "event", is_zh) or _title(news, is_zh))
    for response in ("AllClear",) if is_over else _words(fields.get("responseType")):
        _add(info, "responseType", response)
    _add(info, "urgency", "Past" if is_over else str(fields.get("urgency") or "Unknown"))
    _add(info, "severity", str(fields.get("severity") or SEVERITIES.get(news.priority, "Unknown")))
    _add(info, "certainty", str(fields.get("certainty") or "Unknown"))
    _add(info, "effective", moment(news.at_ms))
    _add(info, "expires", moment(news.at_ms + LASTS_MS))
    _add(info, "senderName", region.name if is_zh else region.name_en)
    _add(info, "headline", _headline(message, is_zh))
    if not is_over and (instruction := _text(fields, "instruction", is_zh)):
        _add(info, "instruction", instruction)
    _add_parameter(info, "alert", news.alert)
    _add_parameter(info, "rule", f"{news.rule} {news.rule_version}")
    _add_area(info, news.area, region, is_zh=is_zh)


def _headline(message: Message, is_zh: bool) -> str:
    """CAP asks for 160 characters at most, for text messages."""
    over = ("【解除】" if is_zh else "Over: ") if message.type == "Cancel" else ""
    mark = {
        Status.ACTUAL: "",
        Status.EXERCISE: "【演练】" if is_zh else "EXERCISE: ",
        Status.TEST: "【测试】" if is_zh else "TEST: ",
    }[message.status]
    return f"{mark}{over}{_title(message.news, is_zh)}"[:160]


def _add_area(info: ET.Element, code: str, region: Region, *, is_zh: bool) -> None:
    held = region.by_code.get(code)
    name = code if held is None else held.name if is_zh else held.name_en
    area = ET.SubElement(info, "area")
    _add(area, "areaDesc", name)
    for polygon in polygons(region, code):
        _add(area, "polygon", polygon)
    geocode = ET.SubElement(area, "geocode")
    _add(geocode, "valueName", f"{region.id}-area")
    _add(geocode, "value", code)


def polygons(region: Region, code: str) -> list[str]:
    """Outlines of an area in WGS-84, each "lat,lon lat,lon ...", closed; none for an unknown one.

    Holes are left out: CAP has none.
    """
    held = region.by_code.get(code)
    if held is None:
        return []
    above = region.ancestors[region.first_grid :, DEPTH[held.tier]]
    grids = np.flatnonzero(above == held.index) + region.first_grid
    shape = shapely.union_all([region.grid_shape(int(grid)) for grid in grids])
    simple = shapely.simplify(shape, SIMPLE_DEGREES)
    parts = [part for part in shapely.get_parts(simple) if isinstance(part, shapely.Polygon)]
    largest = sorted(parts, key=lambda part: -float(part.area))[:MAX_POLYGONS]
    rings = (shapely.get_coordinates(part.exterior).tolist() for part in largest)
    return [" ".join(f"{lat:.5f},{lon:.5f}" for lon, lat in ring) for ring in rings]


def moment(ms: int) -> str:
    """As 2026-11-22T12:00:00+08:00."""
    local = from_ms(ms).astimezone(SHANGHAI)
    return (local - timedelta(microseconds=local.microsecond)).isoformat(timespec="seconds")


def _title(news: AlertNews, is_zh: bool) -> str:
    return (news.title if is_zh else news.title_en or news.title) or news.alert


def _text(fields: Mapping[str, object], name: str, is_zh: bool) -> str:
    return str((None if is_zh else fields.get(f"{name}_en")) or fields.get(name) or "")


def _words(value: object) -> tuple[str, ...]:
    """One word, or a list of them."""
    if isinstance(value, list | tuple):
        return tuple(str(word) for word in value)
    return () if not value else (str(value),)


def _add_parameter(info: ET.Element, name: str, value: str) -> None:
    parameter = ET.SubElement(info, "parameter")
    _add(parameter, "valueName", name)
    _add(parameter, "value", value)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NOT_XML.sub("", text)
