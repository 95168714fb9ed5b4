"""Every error of ours: attributes for code, `str()` for people.

OneMapError
├── SettingError       a setting cannot be used
├── RegionError        a region pack cannot be used
├── StoreAway          the store does not answer
├── StoreFull          the store has no room for more events just now
├── SequenceTooOld     a batch number lies below the remembered window
└── UnknownFeed        no feed of that name
"""


class OneMapError(Exception):
    """Anything of ours that is safe to show to a person."""


class SettingError(OneMapError):
    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"setting {name} is {value!r}; expected {expected}")
        self.name = name


class RegionError(OneMapError):
    """A region pack was refused: `code` names the feature (or file), `reason` what is wrong."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"region pack refused: {code}: {reason}")
        self.code = code
        self.reason = reason


class StoreAway(OneMapError):
    """The store could not be reached; nothing was written."""


class StoreFull(OneMapError):
    """The store holds as many unread events as it may; nothing was written."""


class SequenceTooOld(OneMapError):
    def __init__(self, sequence: int, oldest: int) -> None:
        super().__init__(
            f"sequence {sequence} is older than the remembered ones (from {oldest}); "
            "whether it landed is not known: send it under a new number"
        )
        self.sequence = sequence
        self.oldest = oldest


class UnknownFeed(OneMapError):
    def __init__(self, name: str) -> None:
        super().__init__(f"there is no feed named {name!r}")
        self.name = name
