"""What is told to an outlet: JSON for a webhook, a mail, or a CAP document."""

from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, cast

import msgspec

from dashboard.clock import SHANGHAI, from_ms, iso
from dashboard.domain.alert_rules import Kind
from dashboard.domain.alerts import AlertNews, What
from dashboard.domain.areas import Region
from dashboard.domain.cap import CONTENT_TYPE, Message, Sent, Status, document
from dashboard.domain.outlets import Outlet, Waiting, addresses, delivery_id
from dashboard.senders.mail_words import PRIORITIES, word
from dashboard.senders.parcels import Parcel

TEST = "test"
TEST_FIELDS: Mapping[str, object] = {"category": ["Other"], "event": "测试", "event_en": "Test"}
SUBJECT_CHARS = 150


def test_news(region: Region, now_ms: int) -> AlertNews:
    """What `outlet test` sends; it is about no alert."""
    title, title_en = word("test.title", "zh"), word("test.title", "en")
    what, kind = cast("What", TEST), cast("Kind", TEST)  # it is never stored
    return AlertNews(
        n=0, at_ms=now_ms, alert=TEST, what=what, rule=TEST, rule_version=0, kind=kind,
        source=TEST, title=title, title_en=title_en, area=region.root.code, priority=4,
        tier=region.root.tier, rang=False,
    )  # fmt: skip


def webhook_parcel(outlet: Outlet, item: Waiting, region: Region) -> Parcel:
    news, area = item.news, region.by_code.get(item.news.area)
    identity = delivery_id(outlet, news)
    told: dict[str, Any] = {
        "id": identity,
        "type": TEST if news.what == TEST else f"alert.{news.what}",
        "at": iso(news.at_ms),
        "test": news.what == TEST,
        "simulated": item.made_up,
        "alert": {
            "id": news.alert,
            "news": news.n,
            "rule": news.rule,
            "rule_version": news.rule_version,
            "kind": news.kind,
            "source": news.source,
            "title": news.title,
            "title_en": news.title_en,
            "area": news.area,
            "area_name": None if area is None else area.name,
            "area_name_en": None if area is None else area.name_en,
            "priority": news.priority,
            "tier": news.tier,
            "rang": news.rang,
            "by": news.by,
            "note": news.note,
            "value": news.value,
        },
    }
    return Parcel(identity, msgspec.json.encode(told), "application/json")


# ---- mail ------------------------------------------------------------------------------------


def mail(outlet: Outlet, items: Sequence[Waiting], region: Region, sender: str) -> EmailMessage:
    """All of `items` in one, oldest first; its Message-ID is the same for the same news."""
    first = delivery_id(outlet, items[0].news)
    last = items[-1].news
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(addresses(outlet.target))
    message["Subject"] = subject(outlet, items)
    message["Date"] = format_datetime(from_ms(last.at_ms).astimezone(SHANGHAI))
    message["Message-ID"] = f"<{first}.{last.n}.{last.at_ms}@{sender.rpartition('@')[2]}>"
    message["X-OneMap-Delivery"] = " ".join(delivery_id(outlet, item.news) for item in items)
    message["Auto-Submitted"] = "auto-generated"
    parts = [_told(item, outlet.lang, region) for item in items]
    footer = word("footer", outlet.lang).format(outlet=outlet.name)
    message.set_content("\n\n".join([*parts, f"-- \n{footer}"]) + "\n")
    return message


def subject(outlet: Outlet, items: Sequence[Waiting]) -> str:
    lang, news = outlet.lang, items[0].news
    priority = PRIORITIES.get(min(item.news.priority for item in items), "")
    if len(items) == 1:
        text = word("one", lang).format(
            what=word(news.what, lang), priority=priority, title=_title(news, lang)
        )
    else:
        text = word("digest", lang).format(n=len(items), priority=priority)
    made_up = f"[{word('made_up', lang)}] " if any(item.made_up for item in items) else ""
    return _one_line(f"[{word('name', lang)}] {made_up}{text}")[:SUBJECT_CHARS]


def _told(item: Waiting, lang: str, region: Region) -> str:
    news, area = item.news, region.by_code.get(item.news.area)
    name = news.area if area is None else area.name if lang == "zh" else area.name_en
    local = from_ms(news.at_ms).astimezone(SHANGHAI)
    rows: list[tuple[str, object]] = [
        ("time", f"{local:%Y-%m-%d %H:%M:%S} (UTC+8)"),
        ("area", f"{name} ({news.area})"),
        ("value", None if news.value is None else f"{news.value:g}"),
        ("by", news.by),
        ("note", news.note),
        ("rule", f"{news.rule} v{news.rule_version}"),
        ("alert", news.alert),
    ]
    head = word("one", lang).format(
        what=word(news.what, lang),
        priority=PRIORITIES.get(news.priority, ""),
        title=_title(news, lang),
    )
    lines = [f"{word(key, lang)}: {value}" for key, value in rows if value not in (None, "")]
    made_up = [word("made_up.note", lang)] if item.made_up else []
    return "\n".join(_one_line(line) for line in [head, *made_up, *lines])


def _title(news: AlertNews, lang: str) -> str:
    return news.title if lang == "zh" else news.title_en or news.title


def _one_line(text: str) -> str:
    """A line break in a title could be read as a header, or as a line of another alert."""
    return "".join(char if char.isprintable() else " " for char in text)


# ---- CAP -------------------------------------------------------------------------------------


def cap_message(
    outlet: Outlet,
    item: Waiting,
    fields: Mapping[str, object],
    earlier: tuple[Sent, ...],
    sender: str,
) -> Message:
    """What is made up, or about something made up that was sent before, is a Test; in a drill all
    is an Exercise."""
    news = item.news
    made_up = item.made_up or news.what == TEST or (bool(earlier) and earlier[-1].made_up)
    status = Status.TEST if made_up else Status.ACTUAL
    return Message(
        identifier=delivery_id(outlet, news),
        sender=sender,
        status=Status.EXERCISE if outlet.drill else status,
        news=news,
        fields=fields,
        earlier=earlier,
    )


def cap_parcel(message: Message, region: Region) -> Parcel:
    return Parcel(message.identifier, document(message, region), CONTENT_TYPE)
