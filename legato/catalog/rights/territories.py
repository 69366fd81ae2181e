"""Territories: ISO 3166-1 alpha-2 codes, and the time zone whose clock each goes by.

Rights are given for a territory by its own clock. A territory of one zone has it from
tzdata's `zone.tab`; one of several has one reference zone, where its music business is.
"""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

WORLDWIDE: Final = "Worldwide"

# Territories of several zones, and those without a row of their own in `zone.tab`.
_REFERENCE_ZONES: Final = {
    "AQ": "Antarctica/McMurdo",
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "BV": "Europe/Oslo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "HM": "Indian/Kerguelen",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Wake",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "XK": "Europe/Belgrade",  # Kosovo: not in ISO 3166-1, but in every table of addresses
}


@cache
def zone_names() -> dict[str, str]:
    """The IANA zone of every territory that there is."""
    names = dict(row[::2] for row in _table("zone.tab"))
    return {**names, **_REFERENCE_ZONES}


@cache
def zone_of(country: str) -> ZoneInfo:
    """The clock of a territory; raises KeyError where there is no such territory."""
    return ZoneInfo(zone_names()[country])


def moment_of(local: datetime, country: str) -> datetime:
    """The moment (UTC) that a time on a territory's clock means.

    A time that the clock skips is read with the offset of before, one that it shows twice is the
    first (RFC 5545 §3.3.5).
    """
    return local.replace(tzinfo=zone_of(country), fold=0).astimezone(UTC)


def is_territory(code: str) -> bool:
    return code in zone_names()


def _table(name: str) -> list[list[str]]:
    """The first three columns of one of tzdata's tables, without its comments."""
    text = (files("tzdata") / "zoneinfo" / name).read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [line.split("\t")[:3] for line in lines]
