"""The chain: whatever is changed in it is found, and the right entry is named."""

import hashlib
import hmac

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.audit import START_HASH, AuditEntry, ChainCheck, Head, chain, seal

SECRET = "an installation's secret of its own"
AT = "2026-11-22T04:00:00.000Z"
N = 12
PIECE = 5  # the check reads in pieces, and their seams must not show


def body(n, actor="李娜"):
    entry = AuditEntry(
        n, AT, actor, "dispatcher", "10.0.0.1", "incident.close", f"incident/{n}", "done"
    )
    return msgspec.json.encode(entry)


def made(bodies, secret=SECRET):
    """Rows of a chain and its head."""
    rows, hashed = [], START_HASH
    for n, text in enumerate(bodies, 1):
        hashed = chain(hashed, text)
        rows.append((b"%d-0" % n, [b"e", text, b"h", hashed]))
    return rows, Head(len(rows), hashed, seal(secret, len(rows), hashed, AT), AT)


ROWS, HEAD = made([body(n) for n in range(1, N + 1)])
LAST = HEAD.hash


def fault(rows, head=HEAD, noted=None, secret=SECRET):
    check = ChainCheck(noted)
    for first in range(0, len(rows), PIECE):
        check.read(rows[first : first + PIECE])
    check.end(head, secret)
    return check.fault


def changed_byte(data, text):
    at = data.draw(st.integers(0, len(text) - 1))
    bit = data.draw(st.integers(1, 255))
    return text[:at] + bytes([text[at] ^ bit]) + text[at + 1 :]


def test_a_chain_is_sha_256_over_the_hash_before_and_the_entry():
    first, second = body(1), body(2)
    one = hashlib.sha256(bytes(32) + first).digest()
    rows, _ = made([first, second])
    assert [row[1][3] for row in rows] == [one, hashlib.sha256(one + second).digest()]


def test_the_seal_is_an_hmac_under_a_key_of_its_own():
    key = hashlib.sha256(b"onemap audit seal\n" + SECRET.encode()).digest()
    text = f"{N} {AT} ".encode() + LAST
    assert HEAD.seal == hmac.digest(key, text, "sha256")
    others = {seal("other", N, LAST, AT), seal(SECRET, N - 1, LAST, AT), seal(SECRET, N, LAST, "")}
    assert len({HEAD.seal, *others}) == 4


@pytest.mark.parametrize("n", [0, 1, PIECE, PIECE + 1, N])
def test_an_untouched_chain_is_good(n):
    rows, head = made([body(i) for i in range(1, n + 1)])
    assert fault(rows, head) is None


@given(st.data(), st.integers(1, N), st.sampled_from([1, 3]))
def test_any_changed_byte_of_an_entry_or_a_hash_is_found_there(data, n, field):
    rows = list(ROWS)
    fields = list(rows[n - 1][1])
    fields[field] = changed_byte(data, fields[field])
    rows[n - 1] = (rows[n - 1][0], fields)
    assert fault(rows) == f"entry {n} was changed, or does not follow on entry {n - 1}"


@given(st.integers(1, N), st.sampled_from([b"e", b"x"]))
def test_a_field_that_we_do_not_write_is_found(n, name):
    """A second `e` would be shown by some readers and checked by none."""
    rows = list(ROWS)
    rows[n - 1] = (rows[n - 1][0], [*rows[n - 1][1], name, body(n, "somebody else")])
    assert fault(rows).startswith(f"entry {n} was changed")


@given(st.integers(1, N), st.integers(1, N))
def test_removed_entries_are_named(first, last):
    first, last = min(first, last), max(first, last)
    if last == N:  # the end has a test of its own
        return
    rows = ROWS[: first - 1] + ROWS[last:]
    named = f"entry {first} is" if first == last else f"entries {first} to {last} are"
    assert fault(rows) == f"{named} missing"


@given(st.integers(1, N - 1), st.integers(1, N))
def test_swapped_entries_are_found_at_the_first(one, other):
    one, other = min(one, other), max(one, other)
    if one == other:
        return
    rows = list(ROWS)
    rows[one - 1], rows[other - 1] = (
        (ROWS[one - 1][0], ROWS[other - 1][1]),
        (ROWS[other - 1][0], ROWS[one - 1][1]),
    )
    assert fault(rows).startswith(f"entry {one} was changed")


@given(st.integers(1, N))
def test_a_duplicate_is_found(n):
    copy = (b"%d-1" % n, ROWS[n - 1][1])
    found = fault([*ROWS[:n], copy, *ROWS[n:]], made([body(i) for i in range(1, N + 2)])[1])
    assert found == f"entry {n + 1}: {n}-1 stands in its place, which was put in afterwards"


@given(st.integers(0, N - 1))
def test_an_entry_put_in_with_all_that_follows_renumbered_is_found_there(after):
    forged = (b"%d-0" % (after + 1), [b"e", body(after + 1, "forger"), b"h", bytes(32)])
    rest = [(b"%d-0" % n, ROWS[n - 2][1]) for n in range(after + 2, N + 2)]
    assert fault([*ROWS[:after], forged, *rest]).startswith(f"entry {after + 1} was changed")


@pytest.mark.parametrize("left", [0, 1, PIECE, N - 1])
def test_a_cut_off_tail_is_named(left):
    assert fault(ROWS[:left]) == f"entries {left + 1} to {N} are missing at the end"


@given(st.integers(1, N - 1))
def test_a_tail_cut_off_with_the_head_moved_back_is_not_sealed(left):
    cut = Head(left, ROWS[left - 1][1][3], HEAD.seal, AT)
    found = f"entry {left}: the end of the chain was not sealed with this secret"
    assert fault(ROWS[:left], cut) == found


def test_a_chain_rewritten_whole_without_the_secret_is_found():
    rows, head = made([body(n, "forger") for n in range(1, N + 1)], secret="a guess")
    assert fault(rows, head) == f"entry {N}: the end of the chain was not sealed with this secret"


def test_a_chain_rewritten_with_the_secret_is_found_by_a_noted_head():
    bodies = [body(n, "forger" if n == 4 else "李娜") for n in range(1, N + 1)]
    rows, head = made(bodies)
    assert fault(rows, head) is None  # docs/audit.md says so
    noted = (7, ROWS[6][1][3])
    assert fault(rows, head, noted) == (
        "entry 7 is not the one that was noted: the chain was rewritten"
    )
    assert fault(ROWS, HEAD, noted) is None


def test_a_chain_set_back_to_an_older_one_is_found_by_a_noted_head():
    rows, head = made([body(n) for n in range(1, 6)])
    assert fault(rows, head) is None
    assert fault(rows, head, (N, LAST)) == f"entry {N}, which was noted, is missing"


def test_a_head_of_another_chain_is_found():
    other = bytes(32)
    found = f"entry {N} is not the one that the head of the chain names"
    assert fault(ROWS, Head(N, other, seal(SECRET, N, other, AT), AT)) == found


def test_a_head_with_another_time_is_found():
    """It would date all that follows."""
    late = Head(N, LAST, HEAD.seal, "2099-01-01T00:00:00.000Z")
    assert fault(ROWS, late) == f"entry {N}: the end of the chain was not sealed with this secret"


def test_the_first_fault_is_the_one_that_is_told():
    rows = [row for row in ROWS if row[0] not in (b"3-0", b"9-0")]
    check = ChainCheck()
    check.read(rows)
    check.read(ROWS)
    assert (check.fault, check.n) == ("entry 3 is missing", 2)
