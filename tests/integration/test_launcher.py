"""`python app.py` as an operator meets it: it starts, mends itself, and leaves nothing behind."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from dashboard.store import embedded
from tests.program import CALM_S, PROJECT, START_S, Program, environ_for, left_of, until

ROLES = {"web", "board", "gateway", "notifier", "demo", "store"}


@pytest.fixture
def start(tmp_path):
    """Starts programs on a data folder of this test, and stops them whatever becomes of it."""
    started = []

    def start_one(**settings):
        started.append(Program(tmp_path / "data", **settings))
        return started[-1]

    yield start_one
    for program in started:
        program.stop()
        print(program.output.read_text())  # shown when the test failed


@pytest.fixture
def program(start):
    program = start()
    until(program.is_ready, START_S)
    return program


def test_it_starts_mends_itself_and_ends_without_a_trace(program):
    until(lambda: program.children().keys() == ROLES)
    address = f"One Map 一张图  {program.url}"
    until(lambda: address in program.output.read_text())

    for role in sorted(ROLES):
        killed = program.children()[role]
        killed.kill()
        until(lambda role=role, killed=killed: program.children().get(role, killed) != killed)
        until(program.is_ready)

    children = program.children().values()
    assert program.stop() == 0
    until(lambda: not left_of(children))
    assert not embedded.socket_path(program.data).exists()
    embedded.StoreLock(program.data, wait_s=0).release()
    assert "Traceback" not in program.output.read_text()


def test_what_is_killed_outright_takes_its_children_along(program, start):
    children = until(lambda: program.children().keys() == ROLES and program.children()).values()
    program.process.kill()
    program.process.wait()
    until(lambda: not left_of(children))
    again = start()
    until(again.is_ready, START_S)
    assert again.stop(signal.SIGTERM) == 0


def test_it_stops_when_its_data_folder_is_removed(start):
    program = start(ONEMAP_DEMO="off")
    until(program.is_ready, START_S)
    children = program.children().values()
    shutil.rmtree(program.data)
    assert program.process.wait(CALM_S) == 1
    assert "has been removed" in program.output.read_text()
    assert not left_of(children)


def test_a_second_one_on_the_same_folder_is_refused(program, start):
    second = start()
    assert second.process.wait(CALM_S) == 1
    assert f"process {program.process.pid}" in second.output.read_text()
    assert program.is_ready()


def test_the_demo_gives_way_to_a_live_feed(program):
    def feeds():
        rows = program.read("/api/feeds")
        return rows["feeds"] if isinstance(rows, dict) else rows

    until(lambda: any(feed["kind"] == "simulated" and feed["accepted"] for feed in feeds()))
    added = program.tool("feed", "add", "terminals", "--area", "530111001")
    assert added.returncode == 0
    assert "is forgotten" in added.stderr
    until(lambda: "the demo stops" in program.output.read_text())
    body = {"events": [{"id": "1", "type": "feed.heartbeat", "data": {"sent": 0}}]}
    body["events"][0]["time"] = "2026-11-22T12:00:00+08:00"
    answer = httpx.post(
        f"{program.url}/feeds/events",
        content=json.dumps(body),
        headers={"Authorization": f"Bearer {added.stdout.strip()}"},
        trust_env=False,
    )
    assert answer.status_code == 200
    listed = program.tool("feed", "list").stdout
    assert re.search(r"^terminals +live +530111001", listed, re.MULTILINE)
    assert program.tool("feed", "revoke", "terminals").returncode == 0


def test_a_port_in_use_is_named(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        program = start(ONEMAP_PORT=port)
        assert program.process.wait(CALM_S) == 1
    assert f"port {port} is in use" in program.output.read_text()


def test_with_an_outside_store_no_embedded_one_is_started(start, tmp_path):
    with embedded.temporary_store(tmp_path / "outside") as url:
        program = start(REDIS_URL=url)
        until(program.is_ready, START_S)
        until(lambda: program.children().keys() == ROLES - {"store"})
        assert program.stop() == 0
    assert not embedded.socket_path(program.data).exists()


def test_it_runs_on_the_other_loopback_too(start):
    program = start(ONEMAP_HOST="::1", ONEMAP_DEMO="off")
    address = f"One Map 一张图  http://[::1]:{program.port}"
    until(lambda: address in program.output.read_text(), START_S)
    assert program.children().keys() == ROLES - {"demo"}
    assert program.stop() == 0


def test_tools_work_without_the_program(tmp_path):
    environ = environ_for(tmp_path)
    call = [sys.executable, "app.py", "feed"]
    run = {"cwd": PROJECT, "env": environ, "capture_output": True, "text": True, "check": False}
    assert subprocess.run([*call, "add", "terminals"], **run).stdout.startswith("omf_")
    assert "terminals" in subprocess.run([*call, "list"], **run).stdout
    refused = subprocess.run([*call, "revoke", "nobody"], **run)
    assert (refused.returncode, refused.stderr) == (1, "app.py: there is no feed named 'nobody'\n")


def test_a_wrong_setting_ends_the_start_with_one_line(tmp_path):
    environ = environ_for(tmp_path) | {"ONEMAP_HOST": "0.0.0.0"}
    call = [sys.executable, "app.py"]
    refused = subprocess.run(call, cwd=PROJECT, env=environ, capture_output=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.count(b"\n") == 1
    assert b"ONEMAP_PROXIES with the addresses" in refused.stderr


def test_a_replay_with_nothing_running_says_what_to_start(tmp_path):
    environ = environ_for(tmp_path)
    call = [sys.executable, "app.py", "replay", "floods-2026-08-18"]
    refused = subprocess.run(call, cwd=PROJECT, env=environ, capture_output=True, check=False)
    assert refused.returncode == 1
    assert b"start `python app.py`" in refused.stderr


def test_a_bad_region_pack_is_refused_with_the_reason(tmp_path):
    call = [sys.executable, "app.py", "region", "check"]
    run = {"cwd": PROJECT, "capture_output": True, "check": False}
    assert subprocess.run([*call, "dashboard/regions/guandu"], **run).returncode == 0
    refused = subprocess.run([*call, str(tmp_path)], **run)
    assert refused.returncode == 1
    assert b"region pack refused: pack.json" in refused.stderr
