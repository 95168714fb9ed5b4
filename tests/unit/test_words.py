"""Both languages are complete, and JavaScript asks for no word that is not there."""

import re
from pathlib import Path

import pytest

from dashboard.domain.alert_rules import PARAMETERS, Kind, Unit
from dashboard.domain.alerts import AlertAction
from dashboard.domain.areas import Tier
from dashboard.domain.events import IncidentAction
from dashboard.domain.feeds import FeedKind, Freshness
from dashboard.domain.handover import HandoverState, Lists, Why
from dashboard.domain.outlets import OutletKind, OutletState
from dashboard.domain.systems import AREA_KPIS, CASE_KPIS
from dashboard.queues import Queue
from layouts import words
from layouts.one_map import COLOURINGS, OVERLAYS

ASSETS = Path(__file__).resolve().parents[2] / "assets"
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
BRACES = re.compile(r"\{\w+\}")
STATES = ("reported", "filed", "rejected", "dispatched", "handling", "handled", "inspected")
COLUMNS = ("case", "place", "case_state", "held_by", "department", "due", "why", "by", "when",
           "what", "awaits", "note.of", "handed_at", "signed_at")  # fmt: skip
SECONDS = ("on_delay_s", "off_delay_s", "acknowledge_within_s", "again_after_s")
RULE_COLUMNS = ("name", "response", "threshold", "delays", "tier", "area", "hours", "version",
                "state", "n_listed", "n_raised_24h", "priority", "latched")  # fmt: skip
PROBLEMS = ("threshold", "seconds", "priority", "hours", "area", "response", "note", "other")
MEASURES = ("max_10_min", "share_top_ten", "flood", "n_chattering", "n_fleeting", "n_stale",
            "n_standing", "n_shelved", "measure", "value", "target", "verdict")  # fmt: skip
ENDS = ("suspended", "returned", "closed", "cancelled")


# ---- each test takes all words at once: one by one they would be some 6,000 tests -------------


def test_every_word_is_there_in_both_languages() -> None:
    assert len(words.ALL) > 1_000
    empty = {key for key, both in words.ALL.items() if not all(word.strip() for word in both)}
    assert empty == set()


def test_no_language_holds_the_other() -> None:
    mixed = {
        key
        for key, (chinese, english) in words.ALL.items()
        if HAN.search(english) or LATIN_WORD.search(BRACES.sub("", chinese).replace("Esc", ""))
    }
    assert mixed == {"language.other", "login.language"}


def test_both_languages_fill_in_the_same_values() -> None:
    other = {
        key
        for key, (chinese, english) in words.ALL.items()
        if set(BRACES.findall(chinese)) != set(BRACES.findall(english.split("|")[0]))
    }
    assert other == set()


def test_every_word_that_javascript_names_exists() -> None:
    asked = set()
    for script in ASSETS.glob("*.js"):
        asked |= set(re.findall(r'\bsay\(\s*"([^"]+)"', script.read_text(encoding="utf-8")))
    assert asked
    assert asked <= words.ALL.keys()


def test_words_that_are_put_together_from_data_exist() -> None:
    built = {
        *(f"state.{state}" for state in (*STATES, *ENDS)),
        *(f"fresh.{state}" for state in ("live", "late", "stale", "lost")),
        *(f"camera.{state}" for state in ("online", "offline", "fault", "maintenance", "unknown")),
        *(f"camera.{owner}" for owner in ("public", "social")),
        *(f"tier.{tier}" for tier in Tier),
        *(f"count.{tier}" for tier in ("street", "community", "grid")),
        *(f"tiers.{tier}" for tier in ("street", "community", "grid")),
        *(f"source.{source}" for source in ("incidents", "cameras", "staff")),
        *(f"layer.{name}" for name in COLOURINGS),
        *(f"legend.{name}" for name in COLOURINGS),
        *(f"overlay.{name}" for name in OVERLAYS),
        *(f"system.kpi.{name}" for name in (*CASE_KPIS, *AREA_KPIS)),
        *(f"badge.{kind}" for kind in ("simulated", "recorded")),
        *(f"data.kind.{kind}" for kind in FeedKind),
        *(f"data.behind.{state.word}" for state in Freshness),
        *(f"data.outlet.kind.{kind}" for kind in OutletKind),
        *(f"data.outlet.state.{state}" for state in OutletState),
        *(f"handover.state.{state}" for state in ("draft", *HandoverState)),
        *(f"handover.lost.{state}" for state in HandoverState),
        *(f"handover.why.{why}" for why in Why),
        *(f"handover.queue.{queue}" for queue in Queue),
        *(f"act.incident.{action}" for action in IncidentAction),
        *(f"act.alert.{action}" for action in (*AlertAction, "mute", "unmute")),
        *(f"handover.do.{action}" for action in IncidentAction if action != "undo"),
        *(f"rules.{part}.{kind}" for part in ("kind", "about") for kind in Kind),
        *(f"rules.{part}.{unit}" for part in ("unit", "label") for unit in Unit),
        *(f"rules.parameter.{name}" for named in PARAMETERS.values() for name in named),
        *(f"rules.field.{name}" for name in SECONDS),
        *(f"rules.fact.{name}{end}" for name in SECONDS for end in ("", ".zero")),
        *(f"rules.{name}" for name in (*SECONDS, *RULE_COLUMNS)),
        *(f"rules.problem.{name}" for name in PROBLEMS),
        *(f"alarms.{name}" for name in (*MEASURES, "within", "above", "over")),
        *(f"alarms.span.{name}" for name in ("n_10_min", "n_hour", "n_day")),
        *(f"alarms.mark.{name}" for name in ("chattering", "fleeting", "stale")),
        *(f"handover.{name}" for name in (*Lists.__struct_fields__, *COLUMNS)),
    }
    assert built - words.ALL.keys() == set()


def test_a_word_fills_in_its_values() -> None:
    assert words.word("org", "zh", region="官渡区") == "官渡区社会治理指挥"
    assert words.word("org", "en", region="Guandu District") == "Guandu District Governance Command"


def test_a_table_holds_one_language() -> None:
    assert words.table("zh").keys() == words.table("en").keys() == words.WORDS.keys()
    with pytest.raises(ValueError, match="not in tuple"):
        words.table("fr")
