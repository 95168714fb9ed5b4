"""`audit verify` finds what was done to the trail in the store; `audit export` tells all of it."""

import csv
import io
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import msgspec
import pytest

from dashboard import audit_tool
from dashboard.audit_export import COLUMNS
from dashboard.audit_tool import ChainBroken
from dashboard.domain.audit import START_HASH, AuditEntry, chain, seal
from dashboard.errors import AuditBroken, Refused
from dashboard.store import keys
from dashboard.store.acts import Act
from dashboard.store.audit import AuditLog
from dashboard.store.client import connect
from dashboard.store.embedded import temporary_store
from tests.program import environ_for

PROJECT = Path(__file__).resolve().parents[2]
N = 12
AT = "2026-11-22T04:00:00.000Z"


@pytest.fixture
def log(settings, redis, clock):
    return AuditLog(redis, settings.secret, clock)


@pytest.fixture
async def rows(redis, log):
    """The stream as a trail of twelve acts left it: (id, {field: bytes})."""
    for i in range(1, N + 1):
        await log.commit(act(f"incident/{i}"))
    return await redis.xrange(keys.AUDIT)


@pytest.fixture
def verify(settings, redis, clock):
    async def verify(noted=None):
        return await audit_tool.verify(settings, redis, clock, Namespace(noted=noted))

    return verify


@pytest.fixture
def export(settings, redis, clock, tmp_path):
    """The file's bytes, without what the export itself left in the trail."""

    async def export(form, since=None, until=None):
        out = tmp_path / "out"
        options = Namespace(format=form, since=since, until=until, out=str(out))
        said = await audit_tool.take_away(settings, redis, clock, options)
        assert said == f"written to {out}"
        return out.read_bytes()

    return export


def act(subject, **more):
    fields = {"actor": "李娜", "role": "dispatcher", "address": "10.0.0.1"}
    return Act(**fields | {"action": "incident.close"} | more, subject=subject)


async def put_back(redis, rows):
    """The stream anew, with these rows."""
    await redis.delete(keys.AUDIT)
    for row_id, fields in rows:
        await redis.xadd(keys.AUDIT, fields, id=row_id)


def rewritten(rows, first, actor="forger"):
    """All hashes right, from an entry on that somebody changed."""
    hashed, made = START_HASH, []
    for n, (row_id, fields) in enumerate(rows, 1):
        body = fields[b"e"].replace("李娜".encode(), actor.encode()) if n == first else fields[b"e"]
        hashed = chain(hashed, body)
        made.append((row_id, {b"e": body, b"h": hashed}))
    return made


# ---- verify --------------------------------------------------------------------------------


async def test_a_good_trail_is_good_and_its_head_can_be_noted(rows, verify, log):
    said = await verify()
    head = f"{N}:{rows[-1][1][b'h'].hex()}"
    assert said.startswith(f"{N} entries, unbroken, in ")
    assert said.endswith(f"note this head: {head}")
    assert await log.checked() == {"n": N, "at": "2026-11-22T04:00:00.000Z", "ok": True}
    await log.commit(act("more"))
    assert (await verify(head)).startswith(f"{N + 1} entries")


async def test_an_empty_trail_is_good(redis, verify):
    assert (await verify()).startswith("0 entries, unbroken")


async def test_more_than_is_read_at_once(log, redis, verify, monkeypatch):
    monkeypatch.setattr("dashboard.store.audit.READ_AT_ONCE", 4)
    for i in range(11):
        await log.commit(act(str(i)))
    assert (await verify()).startswith("11 entries")
    await redis.xdel(keys.AUDIT, "9-0")
    with pytest.raises(ChainBroken, match="entry 9 is missing"):
        await verify()


def changed(rows):
    fields = dict(rows[4][1])
    fields[b"e"] = fields[b"e"].replace(b"10.0.0.1", b"10.0.0.2")
    return [*rows[:4], (rows[4][0], fields), *rows[5:]]


def changed_hash(rows):
    return [*rows[:4], (rows[4][0], {**rows[4][1], b"h": bytes(32)}), *rows[5:]]


def with_a_field_more(rows):
    return [*rows[:4], (rows[4][0], {**rows[4][1], b"x": b"1"}), *rows[5:]]


def without_a_field(rows):
    return [*rows[:4], (rows[4][0], {b"e": rows[4][1][b"e"]}), *rows[5:]]


def swapped(rows):
    return [*rows[:4], (rows[4][0], rows[5][1]), (rows[5][0], rows[4][1]), *rows[6:]]


def inserted(rows):
    return [*rows[:5], (b"5-1", rows[4][1]), *rows[5:]]


def inserted_before_the_first(rows):
    return [(b"0-1", rows[0][1]), *rows]


def inserted_and_renumbered(rows):
    return [*rows[:5], *((b"%d-0" % (n + 1), row[1]) for n, row in enumerate(rows[4:], 5))]


def behind_the_head(rows):
    body = rows[-1][1][b"e"].replace(b'"n":12', b'"n":13')
    return [*rows, (b"13-0", {b"e": body, b"h": chain(rows[-1][1][b"h"], body)})]


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (changed, "entry 5 was changed"),
        (changed_hash, "entry 5 was changed"),
        (with_a_field_more, "entry 5 was changed"),
        (without_a_field, "entry 5 was changed"),
        (swapped, "entry 5 was changed"),
        (lambda rows: rows[:4] + rows[5:], "entry 5 is missing"),
        (lambda rows: rows[:4] + rows[8:], "entries 5 to 8 are missing"),
        (lambda rows: rows[3:], "entries 1 to 3 are missing"),
        (lambda rows: rows[:9], "entries 10 to 12 are missing at the end"),
        (lambda rows: [], "entries 1 to 12 are missing at the end"),
        (inserted, "entry 6: 5-1 stands in its place"),
        (inserted_before_the_first, "entry 1: 0-1 stands in its place"),
        (inserted_and_renumbered, "entry 6 was changed"),
        (behind_the_head, "entry 13: the head of the chain does not reach it"),
        (lambda rows: rewritten(rows, 5), "entry 12 is not the one that the head"),
    ],
)
async def test_what_was_done_to_the_stream_is_found(redis, log, rows, verify, tamper, named):
    await put_back(redis, rows)
    assert await verify()  # so it is not the putting back that is found
    await put_back(redis, tamper(rows))
    with pytest.raises(ChainBroken, match=named):
        await verify()
    assert (await log.checked())["ok"] is False


@pytest.mark.parametrize("secret", [None, "a guess"])
async def test_a_chain_rewritten_whole_with_its_head_is_not_sealed(redis, rows, verify, secret):
    made = rewritten(rows, 5)
    hashed = made[-1][1][b"h"]
    await put_back(redis, made)
    await redis.hset(keys.AUDIT_HEAD, "hash", hashed)
    if secret is not None:
        await redis.hset(keys.AUDIT_HEAD, "seal", seal(secret, N, hashed, AT))
    with pytest.raises(ChainBroken, match=r"entry 12: .* not sealed with this secret"):
        await verify()


async def test_a_trail_cut_off_with_its_head_is_not_sealed(redis, rows, verify):
    await put_back(redis, rows[:9])
    await redis.hset(keys.AUDIT_HEAD, mapping={"n": 9, "hash": rows[8][1][b"h"]})
    with pytest.raises(ChainBroken, match=r"entry 9: .* not sealed with this secret"):
        await verify()


async def test_who_has_the_secret_too_is_found_by_a_noted_head(settings, redis, rows, verify):
    made = rewritten(rows, 5)
    hashed = made[-1][1][b"h"]
    await put_back(redis, made)
    sealed = seal(settings.secret, N, hashed, AT)
    await redis.hset(keys.AUDIT_HEAD, mapping={"hash": hashed, "seal": sealed})
    assert await verify()
    with pytest.raises(ChainBroken, match="entry 8 is not the one that was noted"):
        await verify(f"8:{rows[7][1][b'h'].hex()}")


async def test_a_trail_that_is_gone_is_found_by_a_noted_head(redis, rows, verify):
    await redis.delete(keys.AUDIT, keys.AUDIT_HEAD)
    assert await verify()
    with pytest.raises(ChainBroken, match="entry 12, which was noted, is missing"):
        await verify(f"12:{rows[-1][1][b'h'].hex()}")


@pytest.mark.parametrize("key", [keys.AUDIT_HEAD, keys.AUDIT])
async def test_a_key_that_is_not_ours_is_a_broken_trail(redis, rows, verify, key):
    await redis.delete(key)
    await redis.set(key, "text")
    with pytest.raises(ChainBroken, match="cannot be read"):
        await verify()


async def test_a_head_that_is_gone_is_found(redis, rows, verify):
    await redis.delete(keys.AUDIT_HEAD)
    with pytest.raises(ChainBroken, match="entry 1: the head of the chain does not reach it"):
        await verify()


async def test_another_secret_does_not_open_the_seal(settings, redis, rows, verify):
    head = seal("some other secret", N, rows[-1][1][b"h"], AT)
    await redis.hset(keys.AUDIT_HEAD, "seal", head)
    with pytest.raises(ChainBroken, match="not sealed"):
        await verify()


async def test_a_lost_secret_is_replaced_and_that_is_noted(
    settings, redis, clock, rows, verify, log
):
    sealed = seal("the lost one", N, rows[-1][1][b"h"], AT)
    await redis.hset(keys.AUDIT_HEAD, "seal", sealed)
    with pytest.raises(AuditBroken):
        await AuditLog(redis, settings.secret, clock).commit(act("incident/13"))
    said = await audit_tool.reseal(settings, redis, clock, Namespace())
    assert said.startswith("12 entries are sealed")
    assert await verify()
    (noted,) = await log.entries(N, 10)
    assert (noted.action, noted.actor) == ("audit.reseal", "command line")
    again = await audit_tool.reseal(settings, redis, clock, Namespace())
    assert again.startswith("nothing to do")
    assert len(await log.entries(N, 10)) == 1


async def test_a_broken_chain_is_not_sealed_anew(settings, redis, clock, rows, verify):
    await put_back(redis, changed(rows))
    await redis.hset(keys.AUDIT_HEAD, "seal", b"no seal at all")
    with pytest.raises(ChainBroken, match="was changed"):
        await audit_tool.reseal(settings, redis, clock, Namespace())
    assert await redis.hget(keys.AUDIT_HEAD, "seal") == b"no seal at all"


@pytest.mark.parametrize("noted", ["12", "12:abc", "x:" + "0" * 64, "12:" + "0" * 65, ""])
async def test_a_head_that_cannot_be_one_names_its_option(redis, verify, noted):
    with pytest.raises(Refused, match="--from: expected NUMBER:HASH"):
        await verify(noted)


# ---- export --------------------------------------------------------------------------------


async def test_json_lines_are_the_entries_as_they_are_stored(rows, export):
    lines = (await export("jsonl")).splitlines()
    assert lines[:N] == [fields[b"e"] for _, fields in rows]
    taken = msgspec.json.decode(lines[N], type=AuditEntry)
    assert (len(lines), taken.action, taken.actor) == (N + 1, "audit.export", "command line")
    assert taken.after == {"format": "jsonl"}


async def test_csv_holds_every_column_in_a_spreadsheet_s_encoding(log, export):
    told = {"before": {"状态": "立案"}, "detail": '逗号, "引号"\n换行', "version": 3}
    entry = await log.commit(act("案卷/1", area="530111", **told))
    text = (await export("csv")).decode("utf-8-sig")
    first, *_ = csv.DictReader(io.StringIO(text, newline=""))
    wanted = {name: getattr(entry, name) for name in COLUMNS}
    wanted |= {"n": "1", "version": "3", "before": '{"状态":"立案"}', "after": ""}
    assert first == wanted


async def test_a_file_for_spreadsheets_begins_with_a_mark(redis, export):
    assert (await export("csv")).startswith(b"\xef\xbb\xbfn,at,actor,")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
async def test_what_a_spreadsheet_would_run_is_defused(log, export, first):
    text = first + 'HYPERLINK("http://evil.example")'
    await log.commit(act("a", detail=text, actor=text))
    (row, _) = csv.DictReader(io.StringIO((await export("csv")).decode("utf-8-sig"), newline=""))
    assert (row["detail"], row["actor"]) == ("'" + text, "'" + text)
    line = (await export("jsonl")).splitlines()[0]
    assert msgspec.json.decode(line)["detail"] == text  # programs get what was stored


async def test_since_and_until_are_inclusive_and_of_any_zone(clock, log, export):
    for i in range(5):
        await log.commit(act(str(i)))
        clock.move(60)
    since, until = "2026-11-22T12:01:00+08:00", "2026-11-22T04:03:00Z"
    lines = (await export("jsonl", since, until)).splitlines()
    assert [msgspec.json.decode(line)["subject"] for line in lines] == ["1", "2", "3"]
    (told,) = [e.after for e in await log.entries(5, 10)]
    assert told == {"format": "jsonl", "since": since, "until": until}


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("text", ["yesterday", "2026-11-22T12:00:00", "2026-13-01T00:00:00Z", ""])
async def test_a_time_that_cannot_be_one_names_its_option(log, export, name, text):
    with pytest.raises(Refused, match=f"--{name}: expected a time"):
        await export("csv", **{name: text})
    assert await log.entries(0, 1) == []


async def test_a_file_that_cannot_be_written_names_its_option(settings, redis, clock, tmp_path):
    options = Namespace(format="csv", since=None, until=None, out=str(tmp_path / "no" / "x"))
    with pytest.raises(Refused, match=r"--out: .*No such file"):
        await audit_tool.take_away(settings, redis, clock, options)


# ---- the command line ----------------------------------------------------------------------


def run(data, *arguments):
    command = [sys.executable, "app.py", "audit", *arguments]
    environ = environ_for(data) | {"PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, check=False)


def add_account(data):
    add = ["user", "add", "li.na", "--role", "viewer", "--password-stdin"]
    command, typed = [sys.executable, "app.py", *add], b"correct horse battery"
    environ = environ_for(data)
    subprocess.run(command, cwd=PROJECT, env=environ, input=typed, capture_output=True, check=True)


@pytest.mark.parametrize("is_running", [True, False])
async def test_the_tools_work_with_the_program_and_without(tmp_path, is_running):
    def verify_and_export():
        good, taken = run(tmp_path, "verify"), run(tmp_path, "export", "--format", "jsonl")
        assert (good.returncode, good.stdout.split(b",")[0]) == (0, b"1 entries")
        lines = taken.stdout.splitlines()
        actions = [msgspec.json.decode(line)["action"] for line in lines]
        assert (taken.returncode, actions) == (0, ["account.add", "audit.export"])

    add_account(tmp_path)
    if is_running:
        with temporary_store(tmp_path):
            verify_and_export()
    else:
        verify_and_export()
    with temporary_store(tmp_path) as url:
        redis = connect(url)
        await redis.xdel(keys.AUDIT, "1-0")
        await redis.aclose()
        bad = run(tmp_path, "verify")
    said = bad.stderr.decode().strip()
    assert (bad.returncode, bad.stdout) == (1, b"")
    assert said.endswith("the audit trail is broken: entry 1 is missing")
    refused = run(tmp_path, "export", "--since", "noon", "--out", os.devnull)
    assert (refused.returncode, b"--since: expected a time" in refused.stderr) == (1, True)
