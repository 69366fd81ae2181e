"""A listener who holds a grant: what the tests of the media app ask through."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from legato.origin.dialects.path_token import write_path_token
from legato.origin.grants.grant import new_grant
from legato.origin.grants.signing_keys import SigningKeys, load_signing_keys
from tests.running import ReadyTrack, RunningServer

HIGHEST_BPS = 320_000
# What a client of ours would say otherwise: gzip.
_PLAIN = {"accept-encoding": "identity"}


def keys_of(server: RunningServer) -> SigningKeys:
    """The keys that the server signs with, from its own file."""
    return load_signing_keys(None, server.data / "keys")


def token_for(
    server: RunningServer, track: ReadyTrack, *, highest_bps: int = HIGHEST_BPS, ttl_s: int = 3600
) -> str:
    """A token for a track, signed with the server's own key."""
    grant = new_grant(
        track_id=track.track_id,
        asset_id=track.asset_id,
        expires_at_s=int(time.time()) + ttl_s,
        highest_bps=highest_bps,
    )
    return write_path_token(grant, keys_of(server))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Fetches a track's addresses under a grant."""

    web: httpx.Client
    track: ReadyTrack
    token: str

    @property
    def base(self) -> str:
        return f"/t/{self.token}{self.track.path}"

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.web.get(self.base + address, headers={**_PLAIN, **(headers or {})})

    def raw(self, address: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """As `get`, the body as it came: its content coding left on."""
        request = self.web.build_request("GET", self.base + address, headers=dict(headers or {}))
        answer = self.web.send(request, stream=True)
        answer._content = b"".join(answer.iter_raw())
        answer.close()
        return answer

    def head(self, address: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.web.head(self.base + address, headers={**_PLAIN, **(headers or {})})

    def code(self, address: str) -> tuple[int, str]:
        """The status of a refusal, and its stable code."""
        return self.code_of(self.get(address))

    @staticmethod
    def code_of(answer: httpx.Response) -> tuple[int, str]:
        code: str = answer.json()["code"]
        return answer.status_code, code


def listener(
    server: RunningServer, track: ReadyTrack, *, highest_bps: int = HIGHEST_BPS, ttl_s: int = 3600
) -> Listener:
    token = token_for(server, track, highest_bps=highest_bps, ttl_s=ttl_s)
    return Listener(web=server.web, track=track, token=token)
