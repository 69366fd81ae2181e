"""ISRC and GTIN: what an identifier must be, wherever it comes from."""

import re
from collections.abc import Callable
from typing import Final

from legato.errors import BadInput

# Two letters, three letters or digits, two digits of the year, five of the recording (ISO 3901).
ISRC_PATTERN: Final = "[A-Z]{2}[A-Z0-9]{3}[0-9]{7}"
# GTIN-12 (UPC-A), GTIN-13 (EAN) and GTIN-14, GS1 General Specifications §7.9.
_GTIN_DIGITS: Final = (12, 13, 14)
_SEPARATORS: Final = str.maketrans("", "", "- ")


def check_isrc(text: str) -> str:
    """An ISRC as it is stored: capitals, no hyphens. Raises BadInput `bad_isrc`."""
    plain = _compact(text.upper()).removeprefix("ISRC").removeprefix(":")
    if not re.fullmatch(ISRC_PATTERN, plain, re.ASCII):
        raise BadInput(
            "bad_isrc",
            f"isrc: found {text[:40]!r}, expected 12 characters such as DE-A12-25-00001: "
            "a country, a registrant, a year, a number (ISO 3901)",
        )
    return plain


def check_upc(text: str) -> str:
    """A UPC or EAN as it is stored: 12 to 14 digits. Raises BadInput `bad_upc`."""
    plain = _compact(text)
    if len(plain) not in _GTIN_DIGITS or not re.fullmatch("[0-9]+", plain, re.ASCII):
        raise BadInput(
            "bad_upc", f"upc: found {text[:40]!r}, expected 12, 13 or 14 digits (UPC, EAN, GTIN)"
        )
    expected = _check_digit(plain[:-1])
    if int(plain[-1]) != expected:
        raise BadInput(
            "bad_upc", f"upc: found {plain} with check digit {plain[-1]}, expected {expected}"
        )
    return plain


def if_valid(check: Callable[[str], str], text: str | None) -> str | None:
    """What a tag says, if it is what it should be; a tag that says nonsense says nothing."""
    try:
        return check(text) if text else None
    except BadInput:
        return None


def _compact(text: str) -> str:
    return text.strip().translate(_SEPARATORS)


def _check_digit(digits: str) -> int:
    """From the right, the digits weigh 3, 1, 3, 1 …; with this one they sum to a whole ten."""
    weighed = (int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(digits[::-1]))
    return -sum(weighed) % 10
