"""The design's tokens: every colour and letter size is one of them, and what they promise holds."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

ASSETS = Path(__file__).resolve().parents[2] / "assets"
TOKENS = ASSETS / "tokens.css"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(")
NAMED = re.compile(r":\s*(?:white|black|red|green|blue|yellow|orange|grey|gray|purple)\b")
FONT_SIZE = re.compile(r"font-size\s*:\s*([^;}]+)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
ID_OR_MARK = re.compile(r"url\(#\w+|querySelector\w*\([^)]*|href=\"#|`#\$|\"#\"")
PALETTES = ("standard", "safe", "red-good")
INKS = ("t1", "t2", "t3", "p1", "p2", "p3", "p4", "dq", "acc", "dd-w2", "dd-b2")
GLARE, LEAST = 15.0, 3.0  # contrast in a dark room
APART = 15.0  # least distance of two hues in CIELAB


def test_no_colour_stands_outside_the_tokens():
    found = []
    for path in sorted([*ASSETS.glob("*.css"), *ASSETS.glob("*.js")]):
        if path == TOKENS:
            continue
        text = ID_OR_MARK.sub("", COMMENT.sub("", path.read_text(encoding="utf-8")))
        found += [
            (path.name, m.group(0)) for m in COLOUR.finditer(text) if not is_selector(text, m)
        ]
        if path.suffix == ".css":
            found += [(path.name, m.group(0)) for m in NAMED.finditer(text)]
    assert found == []


def is_selector(text, match):
    """An id such as #feed in a rule's head, or in a string of a script."""
    name = match.group(0)
    if not name.startswith("#"):
        return False
    if re.fullmatch(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})", name) is None:
        return True
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    return before in "\n,}> " and after in " {.,:[>" and not re.search(r"\d", name)


def test_no_letter_size_stands_outside_the_tokens():
    found = []
    for path in sorted(ASSETS.glob("*.css")):
        if path == TOKENS:
            continue
        for match in FONT_SIZE.finditer(COMMENT.sub("", path.read_text(encoding="utf-8"))):
            value = match.group(1).strip()
            if not re.fullmatch(r"var\(--[\w-]+\)|inherit", value):
                found.append((path.name, value))
    assert found == []


def test_every_token_that_is_used_exists():
    declared = set(re.findall(r"(--[\w-]+)\s*:", TOKENS.read_text(encoding="utf-8")))
    local = {"--u", "--wall-w", "--wall-h", "--card", "--row"}  # set by the wall's own script
    for path in sorted(ASSETS.glob("*.css")):
        text = COMMENT.sub("", path.read_text(encoding="utf-8"))
        own = set(re.findall(r"(--[\w-]+)\s*:", text))
        used = set(re.findall(r"var\((--[\w-]+)", text))
        assert used <= declared | local | own, path.name


# ---- what the wall's colours promise -----------------------------------------------------------


def wall_tokens(palette):
    text = COMMENT.sub("", TOKENS.read_text(encoding="utf-8"))
    found = {}
    for selector in (":root", "[data-theme=wall]", f"[data-palette={palette}]"):
        for body in re.findall(re.escape(selector) + r"\s*\{([^}]*)\}", text):
            found |= dict(re.findall(r"--([\w-]+)\s*:\s*(#[0-9a-fA-F]{6})", body))
    return found


def linear(colour):
    value = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    a, b = (float(linear(c) @ np.array([0.2126, 0.7152, 0.0722])) + 0.05 for c in (one, other))
    return max(a, b) / min(a, b)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("ground", ["bg", "s1"])
def test_every_ink_is_between_3_and_15_to_1(palette, ground):
    tokens = wall_tokens(palette)
    wrong = {ink: contrast(tokens[ink], tokens[ground]) for ink in INKS}
    assert {k: v for k, v in wrong.items() if not LEAST <= v <= GLARE} == {}


@pytest.mark.parametrize("palette", PALETTES)
def test_numerals_stand_out_on_their_signs_and_numbers_on_the_map(palette):
    tokens = wall_tokens(palette)
    for n in (1, 2, 3):
        assert contrast(tokens["ink"], tokens[f"p{n}"]) >= 4.5
    for q in (1, 2, 3, 4, 5):
        assert contrast(tokens["t1"], tokens[f"q{q}"]) >= LEAST


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
CONFUSED = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def lab(rgb):
    xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    ) @ np.clip(rgb, 0, 1)
    t = xyz / np.array([0.95047, 1.0, 1.08883])
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", CONFUSED)
@pytest.mark.parametrize("group", [("p1", "p2", "p3", "p4"), ("dd-w2", "dd-b2")])
def test_the_safe_palette_keeps_apart_what_red_green_blindness_confuses(kind, group):
    tokens = wall_tokens("safe")
    seen = {name: lab(np.array(CONFUSED[kind]) @ linear(tokens[name])) for name in group}
    near = {(a, b): float(np.linalg.norm(seen[a] - seen[b])) for a, b in combinations(group, 2)}
    assert {pair: d for pair, d in near.items() if d < APART} == {}


def test_red_is_good_in_that_palette_and_priorities_keep_their_hue():
    standard, red_good = wall_tokens("standard"), wall_tokens("red-good")
    better, worse = (linear(red_good[name]) for name in ("dd-b2", "dd-w2"))
    assert better.argmax() == 0
    assert worse.argmax() == 1
    assert all(red_good[f"p{n}"] == standard[f"p{n}"] for n in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("sign", "token", "frames", "hertz", "share_on"),
    [("g1", "--blink-fast", "blink", 2.5, 0.6), ("g2", "--blink-slow", "blinkslow", 0.8, 0.7)],
)
def test_two_rates_of_blinking_exist_below_the_limit_of_flashes(
    sign, token, frames, hertz, share_on
):
    text = COMMENT.sub("", TOKENS.read_text(encoding="utf-8"))
    period_ms = int(re.search(rf"{token}:(\d+)ms", text)[1])
    assert 1000 / period_ms == hertz < 3
    assert f".unack.{sign}{{animation:{frames} var({token})" in text
    last_on = int(re.search(rf"@keyframes {frames}{{0%,(\d+)%{{opacity:1}}", text)[1])
    assert (last_on + 1) / 100 == share_on
    everywhere = "".join(
        COMMENT.sub("", path.read_text(encoding="utf-8")) for path in sorted(ASSETS.glob("*.css"))
    )
    rates = set(re.findall(r"animation:\w+ var\((--[\w-]+)\)", everywhere))
    assert rates <= {"--blink-fast", "--blink-slow"}
