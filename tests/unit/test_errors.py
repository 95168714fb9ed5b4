"""Every error of ours tells people in a sentence, and code in attributes."""

import pytest

from dashboard import errors
from dashboard.errors import (
    Missing,
    NotAllowed,
    OneMapError,
    Outrun,
    Refused,
    RegionError,
    SeatLost,
    SequenceTooOld,
    SettingError,
    SignInFailed,
    Stale,
    TooBusy,
    UnknownFeed,
)

SENTENCES = [
    (SettingError("ONEMAP_PORT", "x", "a port"), "setting ONEMAP_PORT is 'x'; expected a port"),
    (RegionError("530111", "no parent"), "region pack refused: 530111: no parent"),
    (UnknownFeed("north"), "there is no feed named 'north'"),
    (SignInFailed("it took too long"), "sign-in failed: it took too long"),
    (SeatLost(None), "this process lost its seat"),
    (SeatLost("b"), "this process lost its seat to b"),
    (Refused("name", "taken"), "name: taken"),
    (Missing("account", "li.na"), "there is no account 'li.na'"),
    (
        Stale("account", "li.na"),
        "account 'li.na' was changed by someone else meanwhile; look again",
    ),
    (
        Outrun("GD-1", {"action": "close", "by": "chen", "at": "2026-11-22T04:00:00.000Z"}, None),
        "incident 'GD-1' was moved meanwhile: close by chen at 2026-11-22T04:00:00.000Z",
    ),
    (Outrun("GD-1", None, None), "incident 'GD-1' was moved meanwhile"),
    (NotAllowed("state", "not now", ["file"], is_forbidden=False), "not now"),
    (TooBusy(), "too many people sign in just now; try again in a moment"),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES)
def test_an_error_is_a_sentence(error, sentence):
    assert str(error) == sentence


def test_a_sequence_too_old_says_what_to_do():
    error = SequenceTooOld(3, 10)
    assert (error.sequence, error.oldest) == (3, 10)
    assert "send it under a new number" in str(error)


def test_what_was_refused_is_named_by_field():
    refused = Refused("area", "there is no such area")
    assert (refused.field, refused.reason) == ("area", "there is no such area")


def test_every_error_may_be_shown_to_a_person():
    found = [
        item for item in vars(errors).values() if getattr(item, "__module__", "") == errors.__name__
    ]
    assert all(issubclass(item, OneMapError) for item in found)
    assert all(item.__name__ in errors.__doc__ for item in found)
