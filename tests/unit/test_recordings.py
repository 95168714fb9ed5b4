"""The recordings that ship say what the source says, by the rules of their README."""

import csv
import json
from datetime import datetime, timedelta

import pytest

from dashboard.domain.incident_classes import ClockType
from dashboard.limits_pack import load_classes
from dashboard.setting_values import REGIONS

FOLDER = REGIONS / "guandu" / "recordings"
WITH_OFFSET = timedelta(hours=8)


def source_rows():
    with (FOLDER / "guandu-floods-2026.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = source_rows()
DAYS = sorted({row["date"] for row in ROWS})


def recording(day):
    lines = (FOLDER / f"floods-{day}.jsonl").read_text(encoding="utf-8").splitlines()
    header, *entries = [json.loads(line) for line in lines]
    return header, entries


def day_rows(day):
    return [row for row in ROWS if row["date"] == day]


def by_incident(entries, kind):
    found = [entry for entry in entries if entry["event"]["type"] == kind]
    return {entry["event"]["data"]["incident"]: entry for entry in found}


def fallback(day):
    """The earliest first listing of a day, else its earliest easing, else midnight."""
    rows = day_rows(day)
    firsts = [row["first_listed_at"] for row in rows if row["first_listed_at"]]
    eased = [row["cleared_or_eased_at"] for row in rows if row["cleared_or_eased_at"]]
    return min(firsts or eased or ["00:00"])


def test_there_is_a_recording_of_every_day():
    assert [path.name for path in sorted(FOLDER.glob("*.jsonl"))] == [
        f"floods-{d}.jsonl" for d in DAYS
    ]
    assert len(ROWS) == 70
    assert len(day_rows("2026-08-18")) == 53


@pytest.mark.parametrize("day", DAYS)
def test_the_header_names_day_and_source(day):
    header, _ = recording(day)
    assert header["recording"] == f"floods-{day}"
    assert header["date"] == day
    assert header["title"]
    assert header["title_en"].isascii()
    assert (FOLDER / header["source"]).is_file()


@pytest.mark.parametrize("day", DAYS)
def test_moments_are_in_order_of_that_day_and_carry_their_offset(day):
    _, entries = recording(day)
    moments = [datetime.fromisoformat(entry["at"]) for entry in entries]
    assert moments == sorted(moments)
    assert {moment.utcoffset() for moment in moments} == {WITH_OFFSET}
    assert {moment.date().isoformat() for moment in moments} == {day}


def test_ids_are_never_used_twice():
    ids = [entry["event"]["id"] for day in DAYS for entry in recording(day)[1]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['date']}-{row['id']}")
def test_a_record_is_reported_as_published(row):
    reported = by_incident(recording(row["date"])[1], "incident.reported")
    entry = reported[f"floods-{row['date']}-{row['id']}"]
    event = entry["event"]
    first = row["first_listed_at"] or fallback(row["date"])
    assert entry["at"] == f"{row['date']}T{first}:00+08:00"
    published = (float(row["lon_gcj02"]), float(row["lat_gcj02"]), "gcj02")
    assert (event["lon"], event["lat"], event["datum"]) == published
    assert (event["data"]["title"], event["data"]["class"]) == (row["place"], "05-06")
    assert event["data"]["channel"] == "transfer"
    assert "priority" not in event["data"]
    assert ("厘米" in event["data"]["text"]) is bool(row["max_depth_cm"])
    assert f" {row['max_depth_cm']} 厘米" in event["data"]["text"] or not row["max_depth_cm"]
    assert ("未载" in event["data"]["text"]) is not bool(row["first_listed_at"])


@pytest.mark.parametrize("day", DAYS)
def test_what_was_eased_is_closed_and_nothing_else(day):
    moved = by_incident(recording(day)[1], "incident.moved")
    eased = {f"floods-{day}-{r['id']}": r["cleared_or_eased_at"] for r in day_rows(day)}
    expected = {identity: f"{day}T{at}:00+08:00" for identity, at in eased.items() if at}
    assert {identity: entry["at"] for identity, entry in moved.items()} == expected
    assert {entry["event"]["data"]["action"] for entry in moved.values()} <= {"close"}


def test_the_class_of_the_recordings_is_in_the_pack():
    flood = load_classes(REGIONS / "guandu").find("05-06")
    assert flood.name == "道路积水"
    assert flood.governing_limit.clock is ClockType.URGENT_HOUR
