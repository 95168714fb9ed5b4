"""Telephone and identity-card numbers are taken out of free text before anything is written."""

import re

MOBILE_MASK = "［手机号］"
IDENTITY_MASK = "［身份证号］"

N_DIGITS_SHORTEST = 11  # a mobile number
_ASCII = str.maketrans("０１２３４５６７８９＋Ｘｘ", "0123456789+Xx")
_GAP = r"[-‐‑–—\s.·\u200b-\u200d\u2060\ufeff]?"
_ENOUGH_DIGITS = re.compile(rf"[0-9０-９](?:{_GAP}[0-9０-９]){{10}}")

# GB 11643: province and county, birthday, serial number; groups may be spaced.
_COUNTY = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)[0-9]{4}"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_IDENTITY = re.compile(
    rf"(?<![0-9]){_COUNTY}{_GAP}(?:18|19|20)[0-9]{{2}}{_GAP}{_DAY}{_GAP}[0-9]{{3}}[0-9Xx](?![0-9])"
)
# The 15 digits of the first generation, two of them for the year. Nobody born before 1920 is
# looked for, so that a grid's code, where the street stands at that place, is not taken for one.
_IDENTITY_15 = re.compile(rf"(?<![0-9]){_COUNTY}[2-9][0-9]{_DAY}[0-9]{{3}}(?![0-9])")
_MOBILE = re.compile(
    rf"(?<![0-9])(?:(?:\+|00)?86{_GAP})?1[3-9][0-9]"
    rf"(?:{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}|[0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}})(?![0-9])"
)
_MASKS = ((_IDENTITY, IDENTITY_MASK), (_IDENTITY_15, IDENTITY_MASK), (_MOBILE, MOBILE_MASK))


def mask(text: str) -> str:
    """The text without mobile and identity-card numbers; anything else stays as it came."""
    if len(text) < N_DIGITS_SHORTEST or not _ENOUGH_DIGITS.search(text):
        return text
    for pattern, word in _MASKS:
        plain = text.translate(_ASCII)  # one character for one: places stay the same
        for found in reversed(tuple(pattern.finditer(plain))):
            text = text[: found.start()] + word + text[found.end() :]
    return text
