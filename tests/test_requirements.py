"""Every package is pinned with its hashes, and what is installed here is what is pinned."""

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import advisories

PROJECT = Path(__file__).resolve().parents[1]
LOCKS = {"requirements.in": "requirements.txt", "requirements-dev.in": "requirements-dev.txt"}
_HASH = re.compile(r"\s+--hash=sha256:[0-9a-f]{64}(?=\s|$)")


def logical_lines(name):
    """Requirements of a file, each with its hashes, as one line."""
    text = (PROJECT / name).read_text(encoding="utf-8").replace("\\\n", "")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def pinned(name):
    """Canonical name to requirement, as a lock or an .in file pins it."""
    lines = (_HASH.sub("", line) for line in logical_lines(name) if not line.startswith("-r "))
    return {canonicalize_name(found.name): found for found in map(Requirement, lines)}


def version(requirement):
    (pin,) = requirement.specifier
    assert pin.operator == "==", requirement
    return pin.version


@pytest.fixture(params=LOCKS.items(), ids=LOCKS.values())
def files(request):
    return request.param


def test_every_locked_package_has_its_hashes_and_nothing_else_stands_there(files):
    for line in logical_lines(files[1]):
        assert _HASH.search(line), line
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; [^-]+)?", _HASH.sub("", line).strip()), line


def test_the_lock_holds_what_is_asked_for(files):
    asked, lock = map(pinned, files)
    assert {name: version(lock[name]) for name in asked} == {
        name: version(requirement) for name, requirement in asked.items()
    }


def test_both_locks_agree():
    runtime, everything = (pinned(lock) for lock in LOCKS.values())
    assert {name: everything[name].specifier for name in runtime} == {
        name: requirement.specifier for name, requirement in runtime.items()
    }


def test_what_is_installed_is_what_is_locked():
    for name, requirement in pinned("requirements-dev.txt").items():
        if requirement.marker is None or requirement.marker.evaluate():
            assert metadata.version(name) == version(requirement), name


def test_no_place_of_this_machine_is_written_down(files):
    for name in files:
        text = (PROJECT / name).read_text(encoding="utf-8")
        assert not re.search(r"://|index-url|find-links|(?<![\w.])/\w", text), name


# ---- the audit -------------------------------------------------------------------------------


def package(name, *vulnerabilities):
    found = [{"id": v, "fix_versions": ["2"], "aliases": []} for v in vulnerabilities]
    return {"name": name, "version": "1", "vulns": found}


SKIPPED = {"name": "local", "skip_reason": "not found"}


def test_a_service_that_knows_no_package_has_not_audited():
    assert advisories.judge([]) is None
    assert advisories.judge([SKIPPED]) is None


def test_a_vulnerable_package_fails_and_is_named():
    lines, passed = advisories.judge([package("good"), package("bad", "CVE-1"), SKIPPED])
    assert not passed
    assert lines == [
        "bad 1: CVE-1, mended in 2",
        "not audited: local",
        "2 of 3 packages audited",
    ]


def test_sound_packages_pass():
    assert advisories.judge([package("good")]) == (["1 of 1 packages audited"], True)


def test_without_any_service_it_is_said_and_nothing_fails(monkeypatch, capsys):
    monkeypatch.setattr(advisories, "ask", lambda service: None)
    assert advisories.main() == 0
    assert capsys.readouterr().out.startswith("NOT RUN: ")


@pytest.mark.parametrize(("found", "status"), [((), 0), (("CVE-1",), 1)])
def test_what_a_service_says_decides(monkeypatch, found, status):
    monkeypatch.setattr(advisories, "ask", lambda service: [package("asked", *found)])
    assert advisories.main() == status
