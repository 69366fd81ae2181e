"""Tokens that are almost right: seeded changes of good ones, for proofs that none is accepted."""

import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from legato.origin.dialects.path_token import write_path_token
from legato.origin.grants.grant import Grant
from legato.origin.grants.signing_keys import SigningKeys

EXPIRY_S: Final = 1_795_347_648
KEYS: Final = SigningKeys(by_id={"k2": bytes(range(100, 132)), "k1": bytes(range(32))})
_BASE64URL: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ANY: Final = _BASE64URL + ".=+/%~ \0\né"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    token: str
    asset_id: str


def good_tokens(dice: random.Random, count: int) -> list[Signed]:
    """Tokens of both versions, by both keys, for a few assets."""
    assets = [f"{dice.getrandbits(256):064x}" for _ in range(3)]
    addresses = (None, IPv4Address(dice.getrandbits(32)), IPv6Address(dice.getrandbits(128)))
    by_key = [SigningKeys(by_id={key_id: secret}) for key_id, secret in KEYS.by_id.items()]
    tokens = []
    for _ in range(count):
        grant = Grant(
            grant_id=f"{dice.getrandbits(80):020x}",
            track_id=f"{dice.getrandbits(80):020x}",
            asset_id=dice.choice(assets),
            expires_at_s=EXPIRY_S + dice.randrange(100_000),
            highest_bps=dice.choice((96_000, 160_000, 320_000)),
            client_address=dice.choice(addresses),
            country=dice.choice((None, "DE", "FR")),
        )
        token = write_path_token(grant, dice.choice(by_key))
        tokens.append(Signed(token=token, asset_id=grant.asset_id))
    return tokens


def mutants(dice: random.Random, good: list[Signed], count: int) -> Iterator[Signed]:
    """So many changed tokens, none of which is one that we have signed."""
    signed = {(one.token, one.asset_id) for one in good}
    made = 0
    while made < count:
        one, other = dice.choice(good), dice.choice(good)
        mutant = dice.choice(_CHANGES)(dice, one, other)
        if (mutant.token, mutant.asset_id) not in signed:
            made += 1
            yield mutant


def _flip(dice: random.Random, one: Signed, _: Signed) -> Signed:
    at = dice.randrange(len(one.token))
    return _with(one, one.token[:at] + dice.choice(_ANY) + one.token[at + 1 :])


def _flip_a_bit(dice: random.Random, one: Signed, _: Signed) -> Signed:
    at = dice.randrange(len(one.token))
    changed = chr(ord(one.token[at]) ^ 1 << dice.randrange(8))
    return _with(one, one.token[:at] + changed + one.token[at + 1 :])


def _swap(dice: random.Random, one: Signed, _: Signed) -> Signed:
    letters = list(one.token)
    a, b = dice.randrange(len(letters)), dice.randrange(len(letters))
    letters[a], letters[b] = letters[b], letters[a]
    return _with(one, "".join(letters))


def _splice(dice: random.Random, one: Signed, other: Signed) -> Signed:
    at = dice.randrange(len(one.token))
    return _with(one, one.token[:at] + other.token[at:])


def _splice_claims(dice: random.Random, one: Signed, other: Signed) -> Signed:
    ours, theirs = one.token.split("."), other.token.split(".")
    at = dice.randrange(1, min(len(ours), len(theirs)))
    return _with(one, ".".join(ours[:at] + theirs[at:]))


def _edit_a_claim(dice: random.Random, one: Signed, other: Signed) -> Signed:
    fields, theirs = one.token.split("."), other.token.split(".")
    at = dice.randrange(len(fields) - 1)
    values = [theirs[min(at, len(theirs) - 2)], fields[at] + "0", "0" + fields[at], "", "1", "2"]
    if fields[at].isdecimal():
        values.append(str(int(fields[at]) + dice.choice((-1, 1, 1000))))
    fields[at] = dice.choice([*values, fields[at].upper(), fields[at].lower()])
    return _with(one, ".".join(fields))


def _cut(dice: random.Random, one: Signed, _: Signed) -> Signed:
    at = dice.randrange(len(one.token))
    return _with(one, dice.choice((one.token[:at], one.token[at:])))


def _grow(dice: random.Random, one: Signed, _: Signed) -> Signed:
    at = dice.randrange(len(one.token) + 1)
    return _with(one, one.token[:at] + dice.choice(_ANY) + one.token[at:])


def _move_a_dot(dice: random.Random, one: Signed, _: Signed) -> Signed:
    dots = [at for at, letter in enumerate(one.token[:-1]) if letter == "."]
    at = dice.choice(dots)
    return _with(one, one.token[:at] + one.token[at + 1] + "." + one.token[at + 2 :])


def _encode_again(dice: random.Random, one: Signed, _: Signed) -> Signed:
    """The same 32 bytes of MAC, written otherwise."""
    claims, _dot, mac = one.token.rpartition(".")
    digest = base64.urlsafe_b64decode(mac + "=")
    unused = _BASE64URL[_BASE64URL.index(mac[-1]) | dice.randrange(1, 4)]
    other = dice.choice(
        (
            mac[:-1] + unused, mac + "=", mac[:-1] + unused + "=", digest.hex(), mac + "\n",
            base64.b64encode(digest).decode(), base64.b32encode(digest).decode(), mac.swapcase(),
        )
    )  # fmt: skip
    return _with(one, f"{claims}.{other}")


def _other_asset(dice: random.Random, one: Signed, other: Signed) -> Signed:
    changed = f"{int(one.asset_id, 16) ^ 1 << dice.randrange(256):064x}"
    return Signed(token=one.token, asset_id=dice.choice((other.asset_id, changed)))


def _with(one: Signed, token: str) -> Signed:
    return Signed(token=token, asset_id=one.asset_id)


_CHANGES: Final[tuple[Callable[[random.Random, Signed, Signed], Signed], ...]] = (
    _flip, _flip_a_bit, _swap, _splice, _splice_claims, _edit_a_claim, _cut, _grow, _move_a_dot,
    _encode_again, _other_asset,
)  # fmt: skip
