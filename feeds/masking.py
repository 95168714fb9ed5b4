"""Telephone and identity-card numbers are taken out of free text before anything is written."""

import re

MOBILE_MASK = "［手机号］"
IDENTITY_MASK = "［身份证号］"

_D = "[0-9０-９]"
_GAP = r"[-‐‑–—\s.·]?"
# 18 digits with a year of birth inside, the last may be X; groups may be spaced.
_IDENTITY = re.compile(
    rf"(?<![0-9０-９])[1-9１-９]{_D}{{5}}{_GAP}(?:18|19|20|１８|１９|２０){_D}{{2}}{_GAP}{_D}{{4}}{_GAP}{_D}{{3}}[0-9０-９XxＸｘ](?![0-9０-９])"
)
# 15 digits of the first generation: month and day must be possible, else it is some other number.
_IDENTITY_15 = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}(?![0-9])"
)
_MOBILE = re.compile(
    rf"(?<![0-9０-９])(?:(?:\+|＋|00)?(?:86|８６){_GAP})?[1１][3-9３-９]{_D}{_GAP}{_D}{{4}}{_GAP}{_D}{{4}}(?![0-9０-９])"
)
_ENOUGH_DIGITS = re.compile(rf"{_D}(?:{_GAP}{_D}){{10}}")


def mask(text: str) -> str:
    """The text without mobile and identity-card numbers; anything else stays as it came."""
    if not _ENOUGH_DIGITS.search(text):
        return text
    text = _IDENTITY.sub(IDENTITY_MASK, text)
    text = _IDENTITY_15.sub(IDENTITY_MASK, text)
    return _MOBILE.sub(MOBILE_MASK, text)
