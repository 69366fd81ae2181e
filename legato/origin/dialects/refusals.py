"""Why a dialect refuses a request, in the same words in all of them."""

from legato.errors import Forbidden


def no_token() -> Forbidden:
    return Forbidden("no_token", "this address is not signed: ask for `play`")


def bad_token() -> Forbidden:
    return Forbidden("bad_token", "this address is not signed by us for what it asks for")


def wrong_listener() -> Forbidden:
    return Forbidden("wrong_listener", "this address was given to another listener")


def check_expiry(expires_at_s: int, now_s: float) -> None:
    """A grant is good before its expiry and not at it; raises Forbidden `expired_token`."""
    if now_s >= expires_at_s:
        raise Forbidden("expired_token", "this address has expired: ask for `play` again")
