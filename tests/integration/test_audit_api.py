"""The trail over HTTP: searched, paged to its end, taken away; and who took it is in it."""

from argparse import Namespace

import httpx
import msgspec
import pytest

from dashboard import audit_api, audit_tool
from dashboard.domain.audit import AuditEntry
from dashboard.domain.rights import Role
from dashboard.store.acts import Act
from tests.stage import bearer

ACTS = (
    ("li.na", "incident.close", "incident/GD-1", "done"),
    ("王芳", "incident.dispatch", "incident/GD-1", "done"),
    ("li.na", "incident.close", "incident/GD-2", "refused"),
    ("terminals", "feed.revoke", "feed/官渡", "done"),
)


@pytest.fixture
async def opened(new_stage):
    """A stage whose trail holds the acts above, a minute apart from 12:01 in Shanghai on."""
    stage = new_stage()
    async with stage.open():
        for actor, action, subject, outcome in ACTS:
            stage.clock.move(60)
            fields = {"actor": actor, "action": action, "subject": subject, "outcome": outcome}
            await stage.doors.audit.commit(Act(role="officer", address="10.0.0.1", **fields))
        yield stage


async def stored(stage):
    return await stage.doors.audit.entries(0, 1_000)


async def subjects(stage, **query):
    found = await stage.get("/api/audit", **query)
    return [(item["action"], item["subject"]) for item in found["items"]]


CLOSED_1, DISPATCHED, CLOSED_2, REVOKED = [(action, subject) for _, action, subject, _ in ACTS]


async def test_newest_first_with_all_fields(opened):
    found = await opened.get("/api/audit")
    entries = [msgspec.convert(item, AuditEntry) for item in found["items"]]
    assert entries == list(reversed(await stored(opened)))
    assert (found["total"], found["next"]) == (len(entries), None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"actor": "LI.NA"}, [CLOSED_2, CLOSED_1]),
        ({"actor": "王"}, [DISPATCHED]),
        ({"action": "incident."}, [CLOSED_2, DISPATCHED, CLOSED_1]),
        ({"subject": "gd-1"}, [DISPATCHED, CLOSED_1]),
        ({"subject": "官渡"}, [REVOKED]),
        ({"outcome": "refused"}, [CLOSED_2]),
        ({"outcome": "done", "actor": "li.na"}, [CLOSED_1]),
        ({"since": "2026-11-22T12:03:00+08:00"}, [REVOKED, CLOSED_2]),
        (
            {"since": "2026-11-22T04:02:00Z", "until": "2026-11-22T12:03:00+08:00"},
            [CLOSED_2, DISPATCHED],
        ),
        ({"actor": "nobody"}, []),
    ],
)
async def test_each_filter(opened, query, expected):
    assert await subjects(opened, **query) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": audit_api.PAGE_MAX + 1},
        {"before": 0},
        {"outcome": "maybe"},
        {"since": "2026-11-22T12:00:00"},  # of which zone?
        {"until": "noon"},
        {"actor": "x" * 201},
    ],
)
async def test_what_cannot_be_searched_names_the_field(opened, query):
    answer = await opened.http.get("/api/audit", params=query)
    assert answer.status_code in (400, 422)
    assert next(iter(query)) in answer.text


async def pages(stage, **query):
    """Numbers of the entries on every page, to the last."""
    before, found = {}, []
    while True:
        page = await stage.get("/api/audit", **query, **before)
        found.append([item["n"] for item in page["items"]])
        if page["next"] is None:
            return found
        before = {"before": page["next"]}


async def test_pages_to_the_end_hold_every_entry_once(opened):
    n = len(await stored(opened))
    found = await pages(opened, limit=2)
    assert [n for page in found for n in page] == list(range(n, 0, -1))
    assert max(map(len, found)) == 2


async def test_pages_of_a_search_that_looks_far(opened, monkeypatch):
    """A request goes through so many entries; the next goes on where it stopped."""
    monkeypatch.setattr(audit_api, "READ_AT_ONCE", 2)
    monkeypatch.setattr(audit_api, "LOOKED_AT_MAX", 2)
    wanted = [e.n for e in await stored(opened) if e.actor == "li.na"]
    found = await pages(opened, actor="li.na", limit=5)
    assert [n for page in found for n in page] == wanted[::-1]
    assert len(found) > 1
    assert max(map(len, found)) <= 2  # never more than it may look at


async def test_what_comes_while_paging_changes_no_page(opened):
    first = await opened.get("/api/audit", limit=3)
    await opened.doors.audit.commit(Act(actor="a", role="", address="", action="x", subject="y"))
    second = await opened.get("/api/audit", limit=3, before=first["next"])
    assert second["items"][0]["n"] == first["items"][-1]["n"] - 1


async def test_it_says_when_the_chain_was_last_checked(opened):
    assert (await opened.get("/api/audit"))["checked"] is None
    n = len(await stored(opened))
    where = (opened.settings, opened.redis, opened.clock)
    await audit_tool.verify(*where, Namespace(noted=None))
    checked = {"n": n, "at": "2026-11-22T04:04:00.000Z", "ok": True}
    assert (await opened.get("/api/audit"))["checked"] == checked


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_the_file_is_the_tool_s_and_taking_it_is_noted(opened, tmp_path, form):
    until = "2026-11-22T12:04:00+08:00"
    query = {"format": form, "until": until}
    opened.clock.move(1)
    answer = await opened.http.get("/api/audit/export", params=query)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="audit.{form}"'
    out = tmp_path / "taken"
    options = Namespace(format=form, since=None, until=until, out=str(out))
    await audit_tool.take_away(opened.settings, opened.redis, opened.clock, options)
    assert answer.content == out.read_bytes()
    assert answer.content.count(b"incident.") == 3
    over_http, by_the_tool = (await stored(opened))[-2:]
    assert (over_http.actor, over_http.action, over_http.subject) == (
        "chief",
        "audit.export",
        "audit",
    )
    assert over_http.after["format"] == by_the_tool.after["format"] == form
    assert (over_http.role, by_the_tool.actor) == ("administrator", "command line")


async def test_a_search_is_taken_away_oldest_first(opened):
    query = {"format": "jsonl", "actor": "li.na"}
    answer = await opened.http.get("/api/audit/export", params=query)
    found = [msgspec.json.decode(line) for line in answer.content.splitlines()]
    assert [(entry["action"], entry["subject"]) for entry in found] == [CLOSED_1, CLOSED_2]
    assert (await stored(opened))[-1].after == query


@pytest.mark.parametrize("path", ["/api/audit", "/api/audit/export"])
async def test_nobody_else_reads_it(opened, path):
    officer = await opened.add_program("wang", Role.OFFICER, opened.region.root.code)
    n = len(await stored(opened))
    refused = await opened.http.get(path, headers=bearer(officer))
    assert refused.status_code == 403
    async with httpx.AsyncClient(base_url=opened.url, trust_env=False) as nobody:
        assert (await nobody.get(path)).status_code == 401
    assert "audit.export" not in {
        entry.action for entry in (await stored(opened))[n:] if entry.outcome == "done"
    }
