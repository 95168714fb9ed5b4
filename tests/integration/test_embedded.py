"""The embedded store: durable, private to its folder, and gone with the process that started it."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from dashboard.config import Settings
from dashboard.errors import StoreAway
from dashboard.store import embedded
from dashboard.store.embedded import DataFolderBusy, StoreLock, reachable_store, temporary_store

PROJECT = Path(__file__).resolve().parents[2]
HOLD_A_STORE = """
import signal, sys
from pathlib import Path
from dashboard.store.embedded import temporary_store
with temporary_store(Path(sys.argv[1])) as url:
    print(url, flush=True)
    signal.pause()
"""


@pytest.fixture
def settings(tmp_path):
    return Settings.from_env({"ONEMAP_DATA": str(tmp_path / "data")})


def test_what_was_written_is_there_after_a_restart(tmp_path):
    with temporary_store(tmp_path) as url, Redis.from_url(url) as client:
        client.xadd("events", {"n": "1"})
        client.function_load(
            "#!lua name=one\nserver.register_function('one', function() return 1 end)"
        )
    with temporary_store(tmp_path) as url, Redis.from_url(url) as client:
        assert client.xlen("events") == 1
        assert client.fcall("one", 0) == 1


def test_it_keeps_an_append_only_file_and_never_evicts(tmp_path):
    with temporary_store(tmp_path) as url, Redis.from_url(url, decode_responses=True) as client:
        wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
        assert {name: client.config_get(name)[name] for name in wanted} == wanted
        assert client.config_get("port")["port"] == "0"


def test_only_its_owner_may_connect(tmp_path):
    data = tmp_path / "data"
    with temporary_store(data):
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE(embedded.socket_path(data).stat().st_mode) == 0o700


def test_a_second_start_on_the_same_folder_is_refused_by_process_number(tmp_path):
    with temporary_store(tmp_path), pytest.raises(DataFolderBusy, match=f"process {os.getpid()}"):
        StoreLock(tmp_path, wait_s=0.1)


def test_the_folder_is_free_again_afterwards(tmp_path):
    with temporary_store(tmp_path):
        pass
    StoreLock(tmp_path, wait_s=0).release()
    assert not embedded.socket_path(tmp_path).exists()


def test_a_folder_too_deep_for_a_socket_gets_one_elsewhere(tmp_path):
    data = tmp_path / ("一张图" * 20) / "with space"
    with temporary_store(data) as url, Redis.from_url(url) as client:
        place = embedded.socket_path(data)
        assert client.ping()
        assert place.parent != data
        assert Path((data / embedded.ELSEWHERE_FILE).read_text()) == place
    assert not place.parent.exists()


def test_an_unknown_locale_does_not_keep_it_from_starting(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
    with temporary_store(tmp_path) as url, Redis.from_url(url) as client:
        assert client.ping()


def test_without_a_store_the_url_is_an_error_that_says_what_to_do(settings):
    with pytest.raises(StoreAway, match=r"start `python app\.py`, or set REDIS_URL"):
        embedded.store_url(settings)


def test_an_outside_store_wins(tmp_path):
    environ = {"ONEMAP_DATA": str(tmp_path), "REDIS_URL": "redis://store.example:6379/0"}
    outside = Settings.from_env(environ)
    with reachable_store(outside) as url:
        assert url == "redis://store.example:6379/0"
    assert not (tmp_path / embedded.LOCK_FILE).exists()


def test_a_tool_uses_the_running_store_and_leaves_it_running(settings):
    with temporary_store(settings.data) as running:
        with reachable_store(settings) as url:
            assert url == running
        assert embedded.answers(embedded.socket_path(settings.data))


def test_a_tool_starts_a_store_for_itself_when_none_runs(settings):
    with reachable_store(settings) as url, Redis.from_url(url) as client:
        assert client.ping()
    assert not embedded.answers(embedded.socket_path(settings.data))


def test_a_store_that_cannot_start_says_where_to_look(tmp_path):
    (tmp_path / "appendonlydir").write_text("not a folder")
    with pytest.raises(StoreAway, match=r"valkey\.log"), temporary_store(tmp_path):
        pass


def test_the_store_goes_with_a_killed_owner_and_nothing_is_lost(tmp_path):
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLD_A_STORE, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    with owner.stdout:
        url = owner.stdout.readline().decode().strip()
    with Redis.from_url(url) as client:
        for number in range(1000):
            client.xadd("events", {"n": number})
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    with temporary_store(tmp_path) as url, Redis.from_url(url) as client:
        assert client.xlen("events") == 1000


def test_a_long_log_is_put_aside(tmp_path):
    (tmp_path / embedded.LOG_FILE).write_bytes(b"x" * (embedded.LOG_MAX_BYTES + 1))
    embedded.prepare(tmp_path)
    assert not (tmp_path / embedded.LOG_FILE).exists()
    assert (tmp_path / "valkey.log.1").exists()
