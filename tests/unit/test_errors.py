"""Every error of ours tells people in a sentence, and code in attributes."""

import pytest

from dashboard import errors
from dashboard.errors import (
    OneMapError,
    RegionError,
    SequenceTooOld,
    SettingError,
    SignInFailed,
    UnknownFeed,
)

SENTENCES = [
    (SettingError("ONEMAP_PORT", "x", "a port"), "setting ONEMAP_PORT is 'x'; expected a port"),
    (RegionError("530111", "no parent"), "region pack refused: 530111: no parent"),
    (UnknownFeed("north"), "there is no feed named 'north'"),
    (SignInFailed("it took too long"), "sign-in failed: it took too long"),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES)
def test_an_error_is_a_sentence(error, sentence):
    assert str(error) == sentence


def test_a_sequence_too_old_says_what_to_do():
    error = SequenceTooOld(3, 10)
    assert (error.sequence, error.oldest) == (3, 10)
    assert "send it under a new number" in str(error)


def test_every_error_may_be_shown_to_a_person():
    found = [item for item in vars(errors).values() if isinstance(item, type)]
    assert all(issubclass(item, OneMapError) for item in found)
    assert all(item.__name__ in errors.__doc__ for item in found)
