"""The tools for accounts and walls, on a real data folder, with the program running and not."""

import subprocess
import sys

import httpx
import pytest

from tests.program import PROJECT, START_S, Program, environ_for, until
from tests.visitor import sign_in

PASSWORD = "correct horse battery staple"


def run(data, *arguments, given=""):
    return subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=PROJECT,
        env=environ_for(data),
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def add(data, name, *more, given=PASSWORD + "\n"):
    call = ("user", "add", name, "--role", "officer", "--password-stdin", *more)
    return run(data, *call, given=given)


def rows(table):
    return {line.split()[0]: line.split()[1:] for line in table.splitlines()[1:]}


def test_accounts_without_the_program(tmp_path):
    assert "user add NAME" in run(tmp_path, "user", "list").stdout
    added = add(tmp_path, "li.na", "--area", "530111001")
    assert (added.returncode, added.stdout) == (0, "li.na may sign in\n")
    again = add(tmp_path, "li.na")
    assert again.returncode == 1
    assert "name: there is an account 'li.na' already" in again.stderr
    token = run(tmp_path, "user", "token", "li.na").stdout.strip()
    assert token.startswith("omt_")
    row = rows(run(tmp_path, "user", "list").stdout)["li.na"]
    assert row[:6] == ["officer", "530111001", "-", "active", "yes", "0"]
    assert run(tmp_path, "user", "token", "li.na", "--revoke", row[6]).returncode == 0
    assert run(tmp_path, "user", "disable", "li.na").stdout == "li.na is disabled\n"
    row = rows(run(tmp_path, "user", "list").stdout)["li.na"]
    assert (row[3], row[6]) == ("disabled", "none")


def test_an_account_of_a_department(tmp_path):
    call = ("--role", "department", "--department", "paishui-repair-2")
    assert add(tmp_path, "chen.jing", *call).returncode == 0
    row = rows(run(tmp_path, "user", "list").stdout)["chen.jing"]
    assert row[:3] == ["department", "530111", "paishui-repair-2"]


@pytest.mark.parametrize(
    ("arguments", "given", "field"),
    [
        (("two words",), PASSWORD, "NAME"),
        (("../up",), PASSWORD, "NAME"),
        (("li.na", "--area", "999"), PASSWORD, "--area"),
        (("li.na", "--role", "wall"), PASSWORD, "--role"),
        (("li.na", "--role", "root"), PASSWORD, "--role"),
        (("li.na", "--role", "department"), PASSWORD, "--department"),
        (("li.na", "--role", "department", "--department", "nasa"), PASSWORD, "--department"),
        (("li.na", "--department", "paishui"), PASSWORD, "--department"),
        (("li.na",), "short", "password"),
        (("li.na",), "", "password"),
        (("li.na",), "my name is li.na", "password"),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_field(tmp_path, arguments, given, field):
    refused = add(tmp_path, *arguments, given=given)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith(f"app.py: {field}: ")
    assert not given or given not in refused.stderr
    assert "user add NAME" in run(tmp_path, "user", "list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "disable", "nobody"),
        ("user", "password", "nobody", "--password-stdin"),
        ("user", "token", "nobody"),
        ("user", "token", "nobody", "--revoke", "0" * 16),
        ("display", "revoke", "nobody"),
    ],
)
def test_what_is_not_there_is_named(tmp_path, arguments):
    refused = run(tmp_path, *arguments, given=PASSWORD)
    assert refused.returncode == 1
    assert refused.stderr.startswith("app.py: there is no ")
    assert "Traceback" not in refused.stderr


def test_walls_without_the_program(tmp_path):
    assert "display add NAME" in run(tmp_path, "display", "list").stdout
    added = run(tmp_path, "display", "add", "hall", "--area", "530111001")
    assert added.stdout.startswith("/wall?display=omd_")
    assert "already" in run(tmp_path, "display", "add", "hall").stderr
    assert "NAME" in run(tmp_path, "display", "add", "a b").stderr
    assert "--area" in run(tmp_path, "display", "add", "gate", "--area", "999").stderr
    assert rows(run(tmp_path, "display", "list").stdout)["hall"][:2] == ["530111001", "active"]
    assert run(tmp_path, "display", "revoke", "hall").stdout == "hall is cut off\n"
    assert rows(run(tmp_path, "display", "list").stdout)["hall"][1:3] == ["cut", "off"]


@pytest.fixture
def program(tmp_path):
    program = Program(tmp_path / "data", ONEMAP_DEMO="off")
    until(program.is_ready, START_S)
    yield program
    program.stop()
    print(program.output.read_text())


def ask(program, path, **headers):
    return httpx.get(f"{program.url}{path}", headers=headers, trust_env=False).status_code


def test_what_the_tool_changes_holds_in_the_running_program(program):
    data = program.data
    assert program.read("/api/me")["name"] == "admin"
    assert add(data, "li.na").returncode == 0
    cookie = sign_in(program.url, "li.na", PASSWORD)
    assert ask(program, "/api/me", Cookie=cookie) == 200
    token = run(data, "user", "token", "li.na").stdout.strip()
    bearer = {"Authorization": f"Bearer {token}"}
    until(lambda: ask(program, "/api/me", **bearer) == 200)
    run(data, "user", "disable", "li.na")
    until(
        lambda: ask(program, "/api/me", Cookie=cookie) == ask(program, "/api/me", **bearer) == 401
    )
    run(data, "user", "disable", "li.na", "--undo")
    until(lambda: ask(program, "/api/me", **bearer) == 200)
    second = "a second, longer phrase"
    assert run(data, "user", "password", "li.na", "--password-stdin", given=second).returncode == 0
    until(lambda: ask(program, "/api/me", Cookie=cookie) == 401)
    assert ask(program, "/api/me", Cookie=sign_in(program.url, "li.na", second)) == 200
    path = run(data, "display", "add", "hall").stdout.strip()
    until(lambda: opened(program, path) == "/wall")
    run(data, "display", "revoke", "hall")
    until(lambda: opened(program, path).startswith("/login"))
    for secret in (PASSWORD, second, token, path.partition("=")[2]):
        assert secret not in program.output.read_text()


def opened(program, path):
    """Where a wall is led that opens its address."""
    return httpx.get(f"{program.url}{path}", trust_env=False).headers["location"]
