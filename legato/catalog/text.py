"""Text that every database keeps as it is."""

from legato.errors import BadInput


def check_text(**fields: str | None) -> None:
    """Raises BadInput `bad_text` that names the field with what PostgreSQL does not keep.

    That is U+0000, and half a surrogate pair, which no UTF-8 can say (RFC 3629 §3).
    """
    for name, text in fields.items():
        for character in text or "":
            if character == "\0" or "\ud800" <= character <= "\udfff":
                raise BadInput("bad_text", f"{name}: found {character!r}, expected text without")
