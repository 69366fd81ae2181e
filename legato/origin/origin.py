"""The origin of a deployment, wired: its keys, its denials, the media app, the API's routers."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.middleware.cors import CORSMiddleware

from legato.catalog.accounts.api_keys import Scope
from legato.deployment import Deployment
from legato.origin.api.artwork import artwork_router
from legato.origin.api.audit import audit_router
from legato.origin.api.authentication import authenticator
from legato.origin.api.body_guard import BodyGuard
from legato.origin.api.direct_uploads import direct_uploads_router
from legato.origin.api.edge import edge_router
from legato.origin.api.events import events_router, watch_tracks
from legato.origin.api.health import health_router
from legato.origin.api.idempotency import Idempotency
from legato.origin.api.keys import keys_router
from legato.origin.api.playback import playback_router
from legato.origin.api.quota_guard import QuotaGuard
from legato.origin.api.rate_limit import RateLimit, parse_rate
from legato.origin.api.reviews import reviews_router
from legato.origin.api.takedown import takedown_router
from legato.origin.api.tenants import tenant_router
from legato.origin.api.track_changes import track_changes_router
from legato.origin.api.tracks import tracks_router
from legato.origin.api.tus.handler import TusUploads
from legato.origin.api.tus.protocol import ANSWER_FIELDS, REQUEST_FIELDS
from legato.origin.api.upload_guard import UploadGuard
from legato.origin.api.uploads import uploads_router
from legato.origin.api.webhooks import webhooks_router
from legato.origin.asgi import App
from legato.origin.dialects.dialect import Dialect
from legato.origin.dialects.named import PATH, open_dialect
from legato.origin.dialects.path_token import PathTokenVerifier
from legato.origin.edges.configured import configured_edges
from legato.origin.grants.denials import Denials
from legato.origin.grants.signing_keys import KeyRing
from legato.origin.media.access import Access
from legato.origin.media.app import MediaApp
from legato.origin.media.artwork import ArtworkApp
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
        self._watching = watch_tracks(deployment)
        self._endings: list[Callable[[], None]] = [self._watching.end]
        self.routers: list[APIRouter] = [
            tracks_router(deployment),
            uploads_router(deployment),
            direct_uploads_router(deployment),
            track_changes_router(deployment),
            playback_router(deployment, self._keys, self._edge),
            takedown_router(deployment),
            artwork_router(deployment),
            reviews_router(deployment),
            tenant_router(deployment),
            keys_router(deployment),
            audit_router(deployment),
            webhooks_router(deployment),
            events_router(deployment, self._watching),
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

    def end_streams(self) -> None:
        """Let whoever listens to events go, and whoever uploads: the process stops."""
        for end in self._endings:
            end()

    def make_media(self) -> MediaApp:
        access = Access(
            verifier=self._verifier, denied=self._denials, edge=self._edge, vendors=self._vendors
        )
        memory_bytes = self._deployment.settings.memory_cache_bytes
        return MediaApp(self._deployment.store, access, memory_bytes=memory_bytes)

    def make_artwork(self) -> ArtworkApp:
        return ArtworkApp(self._deployment.store)

    def guard(self, api: App) -> App:
        """The API behind what every request has to pass: its caller's rate, a body's bounds.

        Pages of other origins may call it: what they may do is in the key or token they send.
        """
        most = self._deployment.settings.max_upload_bytes
        authenticate = authenticator(self._deployment, Scope.UPLOAD)
        tus = TusUploads(api, self._deployment.uploads, authenticate)
        self._endings.append(tus.interrupt)
        roomy = QuotaGuard(tus, self._deployment.database)
        once = Idempotency(roomy, self._deployment)
        uploads = UploadGuard(once, authenticate, most)
        limited = RateLimit(BodyGuard(uploads), self._rate, self._edge)
        return CORSMiddleware(
            limited, allow_origins=["*"], allow_methods=["*"],
            allow_headers=[
                "authorization", "content-type", "idempotency-key", "last-event-id",
                *REQUEST_FIELDS,
            ],
            expose_headers=["idempotency-replayed", "retry-after", *ANSWER_FIELDS],
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
