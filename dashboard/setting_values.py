"""What the text of a setting may be: each function gives its value or raises ValueError."""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from dashboard.domain.rights import PERSONAL, Role

PROJECT = Path(__file__).resolve().parent.parent
REGIONS = PROJECT / "dashboard" / "regions"
MIN_SECRET_LENGTH = 32
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
SOURCES = re.compile(r"none|https?://[A-Za-z0-9.:*-]+(?: https?://[A-Za-z0-9.:*-]+)*")
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,251}")
CAP_SENDER = re.compile(r"[^\s,<&]{1,100}")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class GroupRight(NamedTuple):
    """What one group of an identity provider's makes of its members; no area: the whole region."""

    group: str
    role: Role
    area: str | None


def host(text: str) -> str:
    if text != "localhost":
        ipaddress.ip_address(text)
    return text


def is_loopback(host: str) -> bool:
    """Whether the name or address means this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def reached_at(host: str) -> str:
    """Where this machine reaches what listens on `host`; every address is not one to call."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def words(parse: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    def parse_all(text: str) -> tuple[Any, ...]:
        return tuple(parse(word) for word in text.replace(",", " ").split())

    return parse_all


def host_name(text: str) -> str:
    if HOST_NAME.fullmatch(text) is None:
        raise ValueError(text)
    return text.lower()


def sources(text: str) -> str:
    """Goes into a header as it is, so nothing else may be in it."""
    if SOURCES.fullmatch(text) is None:
        raise ValueError(text)
    return "'none'" if text == "none" else text


def port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65_535:
        raise ValueError(text)
    return port


def folder(text: str) -> Path:
    return (PROJECT / Path(text).expanduser()).resolve()


def region(text: str) -> Path:
    shipped = REGIONS / text
    folder = shipped if "/" not in text and shipped.is_dir() else Path(text).expanduser().resolve()
    if not folder.is_dir():
        raise ValueError(text)
    return folder


def switch(text: str) -> bool:
    return {"on": True, "off": False}[one_of("on", "off")(text)]


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return parse


def secret(text: str) -> str:
    if len(text) < MIN_SECRET_LENGTH:
        raise ValueError("too short")
    return text


def redis_url(text: str) -> str:
    parts = urlsplit(text)
    place = parts.path if parts.scheme == "unix" else parts.netloc
    if parts.scheme not in ("redis", "rediss", "unix") or not place:
        raise ValueError(text)
    return text


def smtp_url(text: str) -> str:
    """A mail server; the port may be left out."""
    parts = urlsplit(text)
    extra = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or extra or parts.port == 0:
        raise ValueError("not a mail server")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("a user without a password, or the other way round")
    return text


def mail_address(text: str) -> str:
    if MAIL_ADDRESS.fullmatch(text) is None:
        raise ValueError(text)
    return text


def cap_sender(text: str) -> str:
    if CAP_SENDER.fullmatch(text) is None:
        raise ValueError(text)
    return text


def issuer(text: str) -> str:
    parts = urlsplit(text)
    host = parts.hostname or ""
    plain = parts.scheme == "http" and is_loopback(host)
    extra = parts.query or parts.fragment or parts.username or parts.password
    if not host or extra or not (parts.scheme == "https" or plain):
        raise ValueError(text)
    return text


def group_rights(text: str) -> tuple[GroupRight, ...]:
    entries = (entry.strip() for entry in re.split("[,;]", text))
    return tuple(group_right(entry) for entry in entries if entry)


def group_right(entry: str) -> GroupRight:
    group, _, right = entry.rpartition("=")
    role, _, area = (part.strip() for part in right.partition(":"))
    if not group.strip() or Role(role) not in PERSONAL:
        raise ValueError(entry)
    return GroupRight(group.strip(), Role(role), None if area in ("", "*") else area)


def at_least(minimum: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text)
        if number < minimum:
            raise ValueError(text)
        return number

    return parse


def short(text: str) -> str:
    if len(text) > 40:
        raise ValueError(text)
    return text


def seconds(text: str) -> float:
    seconds = float(text)
    if not 0.05 <= seconds <= 3600:
        raise ValueError(text)
    return seconds
