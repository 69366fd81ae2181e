"""Text that every database keeps as it is."""

import unicodedata

from legato.errors import BadInput


def check_text(**fields: str | None) -> None:
    """Raises BadInput `bad_text` that names the field with what PostgreSQL does not keep.

    That is U+0000, and half a surrogate pair, which no UTF-8 can say (RFC 3629 §3).
    """
    for name, text in fields.items():
        for character in text or "":
            if _is_kept_by_none(character):
                raise BadInput("bad_text", f"{name}: found {character!r}, expected text without")


def check_name(**fields: str) -> None:
    """Raises BadInput `bad_text` also for what nobody can type: a control character, or nothing."""
    check_text(**fields)
    for field, text in fields.items():
        for character in text:
            if unicodedata.category(character) in ("Cc", "Zl", "Zp"):
                raise BadInput("bad_text", f"{field}: found {character!r}, expected text without")
        if not text.strip():
            raise BadInput("bad_text", f"{field}: found {text!r}, expected at least a letter")


def is_no_id(text: str) -> bool:
    """Whether this is the id of nothing: a database could not even be asked about it."""
    return any(map(_is_kept_by_none, text))


def _is_kept_by_none(character: str) -> bool:
    return character == "\0" or "\ud800" <= character <= "\udfff"
