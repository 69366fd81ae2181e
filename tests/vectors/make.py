"""Writes path_tokens.json: what every verifier of path tokens has to say, in any language.

    python -m tests.vectors.make

The tokens are computed here by themselves, from the words of docs/decisions/0007-path-token.md
and not by legato's code. `stripped` is the path that an edge looks up in its cache.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("path_tokens.json")
EXPIRY_S: Final = 1_795_347_648
NOW_S: Final = EXPIRY_S - 3600
ASSET: Final = "d65caa2a7fb1afeb80b74baef17188946473e8478c131db20c2ab727a9b7404c"
OTHER_ASSET: Final = "0" + ASSET[1:]
OLD: Final = bytes(range(32))
NEW: Final = bytes(range(100, 132))
KEYS: Final = {"k2": NEW, "k1": OLD}
GRANT: Final = "6b02b40066e9a9ff0c1d"
TRACK: Final = "588598bbcda44dee6755"
CLAIMS: Final = f"k1.{EXPIRY_S}.160.{GRANT}.{TRACK}"
CHUNK: Final = "vorbis-160/41.ogg"
V4: Final = "c0000207"  # 192.0.2.7
V6: Final = "20010db8000000000000000000000007"


def signed(claims: str, secret: bytes = OLD, asset: str = ASSET) -> str:
    """A token as whoever has the secret could write it, right or wrong."""
    digest = hmac.new(secret, f"{claims}/audio/{asset}/".encode(), hashlib.sha256).digest()
    return f"{claims}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


FREE: Final = signed(f"1.{CLAIMS}")
BY_V4: Final = signed(f"2.{CLAIMS}.{V4}.")
BY_V6: Final = signed(f"2.{CLAIMS}.{V6}.")
BY_COUNTRY: Final = signed(f"2.{CLAIMS}..DE")
BY_BOTH: Final = signed(f"2.{CLAIMS}.{V4}.DE")


def altered(token: str, claim: int, value: str) -> str:
    """The token with another claim and the MAC it had."""
    fields = token.split(".")
    fields[claim] = value
    return ".".join(fields)


def other_unused_bits(token: str) -> str:
    """The MAC's last character with its two unused bits set: the same 32 bytes, decoded."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) | 3]


def path(token: str, asset: str = ASSET, rest: str = CHUNK) -> str:
    return f"/t/{token}/audio/{asset}/{rest}"


def case(
    name: str,
    path: str,
    expected: str,
    *,
    at_s: int = NOW_S,
    keys: Mapping[str, bytes] = KEYS,
    address: str | None = None,
    country: str | None = None,
) -> dict[str, Any]:
    return {
        "name": name,
        "keys": {key_id: base64.b64encode(key).decode() for key_id, key in keys.items()},
        "path": path,
        "client_address": address,
        "country": country,
        "now_s": at_s,
        "expected": expected,
        "stripped": path[path.index("/audio/") :] if expected == "ok" else None,
    }


def accepted() -> list[dict[str, Any]]:
    return [
        case("a chunk", path(FREE), "ok"),
        case("an init segment", path(FREE, rest="aac-160/init.mp4"), "ok"),
        case("a whole file", path(FREE, rest="aac-160.mp4"), "ok"),
        case("a tier's playlist", path(FREE, rest="index-160.m3u8"), "ok"),
        case("the manifest", path(FREE, rest="manifest.json"), "ok"),
        case("a second before the expiry", path(FREE), "ok", at_s=EXPIRY_S - 1),
        case("long before it was issued", path(FREE), "ok", at_s=0),
        case("the older of two keys", path(signed(f"1.{CLAIMS}")), "ok"),
        case("the newer of two keys", path(signed(f"1.k2{CLAIMS[2:]}", NEW)), "ok"),
        case("the only key", path(FREE), "ok", keys={"k1": OLD}),
        case("the longest key id", path(signed(f"1.{'k' * 32}{CLAIMS[2:]}")), "ok",
             keys={"k" * 32: OLD}),
        case("a grant id from before it told the time",
             path(signed(f"1.k1.{EXPIRY_S}.160.7db6304266e9a9ff.{TRACK}")), "ok"),
        case("the lowest and shortest claims", path(signed("1.k1.9.1.0.0")), "ok", at_s=8),
        case("the highest and longest claims",
             path(signed(f"1.k1.99999999999.99999.{'f' * 32}.{'f' * 32}")), "ok"),
        case("not bound, and a listener of whom all is known", path(FREE), "ok",
             address="198.51.100.1", country="FR"),
    ]  # fmt: skip


def bound() -> list[dict[str, Any]]:
    return [
        case("bound to IPv4", path(BY_V4), "ok", address="192.0.2.7"),
        case("bound to IPv4, which comes mapped into IPv6", path(BY_V4), "ok",
             address="::ffff:192.0.2.7"),
        case("bound to IPv4, which comes mapped and in hexadecimal", path(BY_V4), "ok",
             address="::ffff:c000:207"),
        case("bound to IPv4, another", path(BY_V4), "wrong_listener", address="192.0.2.8"),
        case("bound to IPv4, which is the end of an IPv6 address", path(BY_V4), "wrong_listener",
             address="2001:db8::c000:207"),
        case("bound to IPv4, an address that nobody knows", path(BY_V4), "wrong_listener"),
        case("bound to IPv6", path(BY_V6), "ok", address="2001:db8::7"),
        case("bound to IPv6, written in full", path(BY_V6), "ok",
             address="2001:0DB8:0000:0000:0000:0000:0000:0007"),
        case("bound to IPv6, another", path(BY_V6), "wrong_listener", address="2001:db8::8"),
        case("bound to IPv6, an IPv4 address", path(BY_V6), "wrong_listener",
             address="192.0.2.7"),
        case("bound to a country", path(BY_COUNTRY), "ok", country="DE"),
        case("bound to a country, from wherever in it", path(BY_COUNTRY), "ok", country="DE",
             address="198.51.100.1"),
        case("bound to a country, another", path(BY_COUNTRY), "wrong_listener", country="FR"),
        case("bound to a country, one that nobody knows", path(BY_COUNTRY), "wrong_listener"),
        case("bound to a country, empty", path(BY_COUNTRY), "wrong_listener", country=""),
        case("bound to both", path(BY_BOTH), "ok", address="192.0.2.7", country="DE"),
        case("bound to both, another address", path(BY_BOTH), "wrong_listener",
             address="192.0.2.8", country="DE"),
        case("bound to both, another country", path(BY_BOTH), "wrong_listener",
             address="192.0.2.7", country="FR"),
        case("bound to both, no country", path(BY_BOTH), "wrong_listener", address="192.0.2.7"),
        case("bound, and signed by the newer key",
             path(signed(f"2.k2{CLAIMS[2:]}.{V4}.DE", NEW)), "ok",
             address="192.0.2.7", country="DE"),
        case("expired says so before it says whose it is", path(BY_BOTH), "expired_token",
             at_s=EXPIRY_S, address="192.0.2.8", country="FR"),
    ]  # fmt: skip


def expired() -> list[dict[str, Any]]:
    return [
        case("at the second of the expiry", path(FREE), "expired_token", at_s=EXPIRY_S),
        case("a second after the expiry", path(FREE), "expired_token", at_s=EXPIRY_S + 1),
        case("years after the expiry", path(FREE), "expired_token", at_s=EXPIRY_S + 10**9),
        case("expired and altered is altered", path(altered(FREE, 3, "320")), "bad_token",
             at_s=EXPIRY_S),
    ]  # fmt: skip


def forged() -> list[dict[str, Any]]:
    mac = FREE.rpartition(".")[2]
    tokens = {
        "another version": altered(FREE, 0, "2"),
        "a version that is not known": signed(f"3.{CLAIMS}"),
        "a version with a zero before it": signed(f"01.{CLAIMS}"),
        "another key's id": altered(FREE, 1, "k2"),
        "a later expiry": altered(FREE, 2, str(EXPIRY_S + 1)),
        "a higher bitrate": altered(FREE, 3, "320"),
        "another grant": altered(FREE, 4, GRANT[:-1] + "e"),
        "another track": altered(FREE, 5, TRACK[:-1] + "6"),
        "another MAC at its beginning": altered(FREE, 6, ("B" if mac[0] == "A" else "A") + mac[1:]),
        "another MAC at its end": altered(FREE, 6, mac[:-1] + ("A" if mac[-1] != "A" else "E")),
        "the MAC with its unused bits set": other_unused_bits(FREE),
        "the MAC of another token": altered(FREE, 6, BY_V4.rpartition(".")[2]),
        "the MAC in capitals": altered(FREE, 6, mac.upper()),
        "the MAC a character short": FREE[:-1],
        "the MAC a character long": FREE + "A",
        "the MAC with its padding": FREE + "=",
        "the MAC empty": altered(FREE, 6, ""),
        "no MAC": FREE.rpartition(".")[0],
        "another address": altered(BY_V4, 6, "c0000208"),
        "another country": altered(BY_COUNTRY, 7, "FR"),
        "an address taken out of the token": altered(BY_BOTH, 6, ""),
        "the text of two claims run together": FREE.replace(f".160.{GRANT}", f".1.60{GRANT}"),
    }
    return [
        case(name, path(token), "bad_token", address="192.0.2.7", country="DE")
        for name, token in tokens.items()
    ]


def malformed() -> list[dict[str, Any]]:
    """Rightly signed, as no writer of ours would: one token has one way to be written."""
    tokens = {
        "no key id": signed(f"1.{CLAIMS[2:]}"),
        "a key id of 33 characters": signed(f"1.{'k' * 33}{CLAIMS[2:]}"),
        "an expiry with a zero before it": signed(f"1.k1.0{CLAIMS[3:]}"),
        "an expiry of 12 digits": signed(f"1.k1.999999999999.160.{GRANT}.{TRACK}"),
        "an expiry with a sign": signed(f"1.k1.+{CLAIMS[3:]}"),
        "a bitrate of nothing": signed(f"1.k1.{EXPIRY_S}.0.{GRANT}.{TRACK}"),
        "a bitrate with a zero before it": signed(f"1.k1.{EXPIRY_S}.0160.{GRANT}.{TRACK}"),
        "a bitrate of six digits": signed(f"1.k1.{EXPIRY_S}.160000.{GRANT}.{TRACK}"),
        "a grant in capitals": signed(f"1.k1.{EXPIRY_S}.160.{GRANT.upper()}.{TRACK}"),
        "a grant of 33 digits": signed(f"1.k1.{EXPIRY_S}.160.{'a' * 33}.{TRACK}"),
        "a track in capitals": signed(f"1.k1.{EXPIRY_S}.160.{GRANT}.{TRACK.upper()}"),
        "no track": signed(f"1.k1.{EXPIRY_S}.160.{GRANT}."),
        "a claim too few": signed(f"1.k1.{EXPIRY_S}.160.{GRANT}"),
        "a claim too many": signed(f"1.{CLAIMS}.00"),
        "version 1 with what binds it": signed(f"1.{CLAIMS}.{V4}.DE"),
        "version 1 with two empty claims": signed(f"1.{CLAIMS}.."),
        "version 2 without what binds it": signed(f"2.{CLAIMS}"),
        "version 2 bound to nothing": signed(f"2.{CLAIMS}.."),
        "an address of seven digits": signed(f"2.{CLAIMS}.c000020."),
        "an address in capitals": signed(f"2.{CLAIMS}.C0000207."),
        "an address as it is spoken": signed(f"2.{CLAIMS}.192.0.2.7."),
        "a country in small letters": signed(f"2.{CLAIMS}..de"),
        "a country of three letters": signed(f"2.{CLAIMS}..DEU"),
        "a key that is not ours": signed(f"1.k9{CLAIMS[2:]}", b"9" * 32),
        "a dot escaped": FREE.replace(".", "%2e", 1),
        "a NUL at the end": FREE + "%00",
        "a space at the end": FREE + "%20",
        "a character beyond ASCII": FREE.replace("160", "%D9%A160"),
        "a token that is far too long": "A" * 5000,
        "one dot": ".",
    }
    return [
        case(name, path(token), "bad_token", address="192.0.2.7", country="de")
        for name, token in tokens.items()
    ]


def keys_and_assets() -> list[dict[str, Any]]:
    return [
        case("a key that was taken out", path(FREE), "bad_token", keys={"k2": NEW}),
        case("another secret under the same id", path(FREE), "bad_token", keys={"k1": NEW}),
        case("the same secret under another id", path(FREE), "bad_token", keys={"k2": OLD}),
        case("no key at all", path(FREE), "bad_token", keys={}),
        case("another asset", path(FREE, OTHER_ASSET), "bad_token"),
        case("another asset, with its own token", path(signed(f"1.{CLAIMS}", asset=OTHER_ASSET),
             OTHER_ASSET), "ok"),
    ]  # fmt: skip


def unsigned() -> list[dict[str, Any]]:
    """Paths that have no token where a token stands: nothing is said about them."""
    whole = path(FREE)
    paths = {
        "no token": f"/audio/{ASSET}/{CHUNK}",
        "an empty token": path(""),
        "nothing behind the asset": f"/t/{FREE}/audio/{ASSET}",
        "an empty address": path(FREE, rest=""),
        "an asset in capitals": path(FREE, ASSET.upper()),
        "an asset of 63 digits": path(FREE, ASSET[:-1]),
        "an asset of 65 digits": path(FREE, ASSET + "0"),
        "another folder": whole.replace("/audio/", "/masters/"),
        "another folder that begins alike": whole.replace("/audio/", "/audiobooks/"),
        "the token after the asset": f"/audio/{ASSET}/t/{FREE}/{CHUNK}",
        "two tokens": f"/t/{FREE}{whole}",
        "a slash twice before the asset": whole.replace("/audio/", "/audio//"),
        "a slash twice behind the asset": whole.replace(ASSET, ASSET + "/"),
        "a slash twice at the beginning": "/" + whole,
        "a slash twice in the address": path(FREE, rest="vorbis-160//41.ogg"),
        "a slash at the end": whole + "/",
        "a dot segment": path(FREE, rest="./manifest.json"),
        "two dots to another asset": path(FREE, rest=f"../{OTHER_ASSET}/{CHUNK}"),
        "two dots to another asset, escaped": path(FREE, rest=f"%2e%2e/{OTHER_ASSET}/{CHUNK}"),
        "two dots, one escaped, in capitals": path(FREE, rest=f".%2E/{OTHER_ASSET}/{CHUNK}"),
        "two dots before the asset": whole.replace("/audio/", "/x/../audio/"),
        "two dots at the end": path(FREE, rest="vorbis-160/.."),
        "a letter escaped": path(FREE, rest="%6danifest.json"),
        "a slash escaped": path(FREE, rest="vorbis-160%2F41.ogg"),
        "a slash before the asset escaped": whole.replace("/audio/", "/audio%2F"),
        "a backslash": path(FREE, rest=r"vorbis-160\41.ogg"),
        "a semicolon": path(FREE, rest="manifest.json;x=1"),
        "another letter for t": whole.replace("/t/", "/T/"),
    }  # fmt: skip
    return [case(name, where, "no_token") for name, where in paths.items()]


def vectors() -> list[dict[str, Any]]:
    return [
        *accepted(), *bound(), *expired(), *forged(), *malformed(), *keys_and_assets(),
        *unsigned(),
    ]  # fmt: skip


def vectors_text() -> str:
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(vectors_text())
