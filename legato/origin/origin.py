"""The origin of a deployment, wired: its keys, its denials, the media app, the API's routers."""

from fastapi import APIRouter
from starlette.middleware.cors import CORSMiddleware

from legato.catalog.tenants import Scope
from legato.deployment import Deployment
from legato.origin.api.authentication import authenticator
from legato.origin.api.edge import edge_router
from legato.origin.api.health import health_router
from legato.origin.api.playback import playback_router
from legato.origin.api.rate_limit import RateLimit, parse_rate
from legato.origin.api.takedown import takedown_router
from legato.origin.api.tracks import tracks_router
from legato.origin.api.upload_guard import UploadGuard
from legato.origin.asgi import App
from legato.origin.dialects.dialect import Dialect
from legato.origin.dialects.named import PATH, open_dialect
from legato.origin.dialects.path_token import PathTokenVerifier
from legato.origin.edges.configured import configured_edges
from legato.origin.grants.denials import Denials
from legato.origin.grants.signing_keys import KeyRing
from legato.origin.media.access import Access
from legato.origin.media.app import MediaApp
from legato.origin.media.edge import open_edge
from legato.origin.playback.public_urls import parse_public_urls
from legato.origin.upkeep import start_upkeep


class Origin:
    """What one web process serves. Making it reads every setting, and starts nothing.

    `mutual_tls`: whoever listens for it lets in only an edge that has shown its certificate.

    Raises BadInput that names the setting which cannot be.
    """

    def __init__(self, deployment: Deployment, *, mutual_tls: bool = False) -> None:
        settings = deployment.settings
        self._deployment = deployment
        self._keys = KeyRing(settings.signing_keys, settings.keys)
        self._denials = Denials()
        self._edge = open_edge(settings, proven=mutual_tls)
        self._verifier = PathTokenVerifier(self._keys())
        self._purged = configured_edges(settings)
        self._rate = parse_rate(settings.rate_limit)
        self._vendors = self._signed_elsewhere()
        self.routers: list[APIRouter] = [
            tracks_router(deployment),
            playback_router(deployment, self._keys, self._edge),
            takedown_router(deployment),
            edge_router(self._denials, self._edge),
            health_router(deployment, self._denials),
        ]

    def start(self) -> None:
        """Look after denials, keys and purges for as long as the process runs."""
        start_upkeep(
            self._deployment,
            self._denials,
            self._keys,
            self._verifier.replace_keys,
            self._purged,
        )

    def make_media(self) -> MediaApp:
        access = Access(
            verifier=self._verifier, denied=self._denials, edge=self._edge, vendors=self._vendors
        )
        memory_bytes = self._deployment.settings.memory_cache_bytes
        return MediaApp(self._deployment.store, access, memory_bytes=memory_bytes)

    def guard(self, api: App) -> App:
        """The API behind what every request has to pass: its caller's rate, an upload's bounds.

        Pages of other origins may call it: what they may do is in the key or token they send.
        """
        most = self._deployment.settings.max_upload_bytes
        uploads = UploadGuard(api, authenticator(self._deployment, Scope.UPLOAD), most)
        limited = RateLimit(uploads, self._rate, self._edge)
        return CORSMiddleware(
            limited, allow_origins=["*"], allow_methods=["*"],
            allow_headers=["authorization", "content-type"], expose_headers=["retry-after"],
        )  # fmt: skip

    def _signed_elsewhere(self) -> list[tuple[Dialect, str]]:
        """The CDNs that sign in their own way, and the URLs that they sign for."""
        settings = self._deployment.settings
        if settings.public_url is None:
            return []
        return [
            (open_dialect(one.dialect, settings, self._keys()), one.url)
            for one in parse_public_urls(settings.public_url)
            if one.dialect != PATH
        ]
