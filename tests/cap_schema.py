"""What OASIS CAP 1.2 (its XML schema and the rules of section 3.2) demands of a document."""

import re
from xml.etree import ElementTree as ET

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"
PLAIN = r"[^\s,<&]+"
PAIR = r"-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?"
TEXT = r"(?s).+"


def _one_of(words):
    return "|".join(words.split())


NAMED = {"valueName": ("1", TEXT), "value": ("1", TEXT)}
AREA = {
    "areaDesc": ("1", TEXT),
    "polygon": ("*", rf"{PAIR}(?: {PAIR}){{3,}}"),
    "circle": ("*", rf"{PAIR} \d+(?:\.\d+)?"),
    "geocode": ("*", NAMED),
    "altitude": ("?", r"-?\d+(?:\.\d+)?"),
    "ceiling": ("?", r"-?\d+(?:\.\d+)?"),
}
INFO = {
    "language": ("?", r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*"),
    "category": (
        "+",
        _one_of("Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other"),
    ),
    "event": ("1", TEXT),
    "responseType": (
        "*",
        _one_of("Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None"),
    ),
    "urgency": ("1", _one_of("Immediate Expected Future Past Unknown")),
    "severity": ("1", _one_of("Extreme Severe Moderate Minor Unknown")),
    "certainty": ("1", _one_of("Observed Likely Possible Unlikely Unknown")),
    "audience": ("?", TEXT),
    "eventCode": ("*", NAMED),
    "effective": ("?", DATE),
    "onset": ("?", DATE),
    "expires": ("?", DATE),
    "senderName": ("?", TEXT),
    "headline": ("?", r"(?s).{1,160}"),
    "description": ("?", TEXT),
    "instruction": ("?", TEXT),
    "web": ("?", TEXT),
    "contact": ("?", TEXT),
    "parameter": ("*", NAMED),
    "resource": ("*", {}),
    "area": ("*", AREA),
}
ALERT = {
    "identifier": ("1", PLAIN),
    "sender": ("1", PLAIN),
    "sent": ("1", DATE),
    "status": ("1", _one_of("Actual Exercise System Test Draft")),
    "msgType": ("1", _one_of("Alert Update Cancel Ack Error")),
    "source": ("?", TEXT),
    "scope": ("1", _one_of("Public Restricted Private")),
    "restriction": ("?", TEXT),
    "addresses": ("?", TEXT),
    "code": ("*", TEXT),
    "note": ("?", TEXT),
    "references": ("?", rf"{PLAIN},{PLAIN},{DATE}(?: {PLAIN},{PLAIN},{DATE})*"),
    "incidents": ("?", TEXT),
    "info": ("*", INFO),
}
COUNTS = {"1": (1, 1), "?": (0, 1), "*": (0, 10**6), "+": (1, 10**6)}


def problems(document):
    """Every breach, in words; none for a valid document."""
    root = ET.fromstring(document)
    if root.tag != f"{NAMESPACE}alert":
        return [f"the root is {root.tag}"]
    found = _of(root, ALERT, "alert")
    kind, named = (root.findtext(f"{NAMESPACE}{name}") for name in ("msgType", "references"))
    if kind in ("Update", "Cancel") and not named:
        found.append(f"{kind} without references")
    for polygon in root.iter(f"{NAMESPACE}polygon"):
        pairs = (polygon.text or "").split()
        if pairs[:1] != pairs[-1:]:
            found.append("a polygon is not closed")
        found += [f"not a place: {pair}" for pair in pairs if not _is_place(pair)]
    return found


def _is_place(pair):
    lat, lon = map(float, pair.split(","))
    return -90 <= lat <= 90 and -180 <= lon <= 180


def _of(element, shape, path):
    names, found = list(shape), []
    order = [child.tag.removeprefix(NAMESPACE) for child in element]
    found += [f"{path}: unknown {name}" for name in order if name not in shape]
    places = [names.index(name) for name in order if name in shape]
    if places != sorted(places):
        found.append(f"{path}: wrong order {order}")
    for name, (count, content) in shape.items():
        children = element.findall(f"{NAMESPACE}{name}")
        fewest, most = COUNTS[count]
        if not fewest <= len(children) <= most:
            found.append(f"{path}: {len(children)} times {name}")
        for child in children:
            found += _content(child, content, f"{path}/{name}")
    return found


def _content(child, content, path):
    if isinstance(content, dict):
        return _of(child, content, path)
    text = child.text or ""
    return [] if re.fullmatch(content, text) and not len(child) else [f"{path}: {text!r}"]
