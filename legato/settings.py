"""Settings from the environment or `.env`; docs/settings.md is generated from this file."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from legato.errors import BadInput

_DAY_S = 24 * 3600
MAX_GRANT_TTL_S = 10 * 366 * _DAY_S


class Settings(BaseSettings):
    """What can be set; each field is read from `LEGATO_` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="LEGATO_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data: Annotated[
        Path, Field(description="Folder for the catalogue, the objects, the keys and scratch")
    ] = Path("data")
    database: Annotated[
        str | None,
        Field(
            description="Catalogue: `postgresql://user@host/name` (needs `pip install "
            "'legato[postgresql]'`) or `sqlite:///…`; unset: SQLite in the data folder"
        ),
    ] = None
    store: Annotated[
        str | None,
        Field(
            description="Object store: `file:///…`, or `s3://bucket/prefix` with AWS's usual "
            "variables; unset: a folder in the data folder"
        ),
    ] = None
    store_public_url: Annotated[
        str | None,
        Field(
            description="Where clients that upload straight to the store reach it; unset: at "
            "AWS_ENDPOINT_URL, as we do"
        ),
    ] = None
    broker: Annotated[
        str, Field(description="What wakes a worker; `memory://` is Dramatiq's in-process broker")
    ] = "memory://"
    signing_keys: Annotated[
        str | None,
        Field(
            description="`kid:base64,kid:base64`, newest first; unset: one is made in the data "
            "folder on first use"
        ),
    ] = None
    public_url: Annotated[
        str | None,
        Field(
            description="Where listeners reach the origin or its edges: `URL [weight] [dialect]`, "
            "several with commas between; unset: the address that the request came to, or "
            "http://127.0.0.1:8000"
        ),
    ] = None
    tiers: Annotated[
        str,
        Field(
            description="`name:kbit/s` of each tier of listeners with commas between, least first"
        ),
    ] = "free:160,premium:320"
    bind_grants: Annotated[
        str | None,
        Field(
            description="What binds a grant to its listener: `address`, `country`, or both with a "
            "comma between; unset: nothing. Path tokens only"
        ),
    ] = None
    jwt_keys: Annotated[
        str | None,
        Field(
            description="Keys of listeners' tokens, `kid:HS256:base64` or `kid:RS256:/file.pem` "
            "(ES256 alike), with commas between"
        ),
    ] = None
    jwt_jwks: Annotated[
        str | None, Field(description="URL or file of a JSON Web Key Set (RFC 7517) of such keys")
    ] = None
    jwt_issuer: Annotated[
        str | None, Field(description="The `iss` that a listener's token must have; unset: any")
    ] = None
    jwt_audience: Annotated[
        str | None, Field(description="The `aud` that a listener's token must have; unset: any")
    ] = None
    jwt_tier_claim: Annotated[
        str, Field(description="The claim that names a listener's tier; without it, the least")
    ] = "tier"
    jwt_country_claim: Annotated[
        str, Field(description="The claim that names a listener's country, ISO 3166-1 alpha-2")
    ] = "country"
    edge_secret: Annotated[
        str | None,
        Field(
            description="What the edge sends as X-Legato-Edge-Secret, 16 characters or more; two "
            "with a comma between while one replaces the other. Set: media is for the edge alone"
        ),
    ] = None
    edge_verifies: Annotated[
        bool,
        Field(
            description="The edge has verified the grant: what comes with the edge's secret, or "
            "over mTLS, is served without a token"
        ),
    ] = False
    client_address_header: Annotated[
        str | None,
        Field(description="The header in which the edge tells the listener's address"),
    ] = None
    country_header: Annotated[
        str | None,
        Field(description="The header in which the edge tells the listener's country"),
    ] = None
    tls_cert: Annotated[
        Path | None, Field(description="PEM file: serve HTTPS with this certificate")
    ] = None
    tls_key: Annotated[Path | None, Field(description="PEM file: the certificate's key")] = None
    tls_client_ca: Annotated[
        Path | None,
        Field(description="PEM file: only clients with a certificate of this authority (mTLS)"),
    ] = None
    rate_limit: Annotated[
        str,
        Field(description="Requests that one API key, listener or address may make of the API"),
    ] = "100/second"
    memory_cache_bytes: Annotated[
        int, Field(ge=0, description="Memory for hot chunks, in bytes, in each web process")
    ] = 256 * 1024**2
    edges: Annotated[
        str | None,
        Field(
            description="Caches to purge: `nginx=URL` of its admin port, "
            "`cloudfront=DISTRIBUTION`, `fastly=SERVICE`, `cloudflare=ZONE`, with commas between"
        ),
    ] = None
    cloudfront_key: Annotated[
        str | None, Field(description="`key-pair-id:/private.pem` (RSA or ECDSA P-256)")
    ] = None
    akamai_key: Annotated[
        str | None, Field(description="The key of Akamai's EdgeAuth tokens, in hexadecimal")
    ] = None
    google_cdn_key: Annotated[
        str | None, Field(description="`name:base64url` of a Google Cloud CDN key, 16 bytes")
    ] = None
    media_cdn_key: Annotated[
        str | None,
        Field(description="`keyset:base64url` of a Media CDN Ed25519 private key, 32 bytes"),
    ] = None
    bunny_key: Annotated[
        str | None, Field(description="The token authentication key of a Bunny pull zone")
    ] = None
    cloudflare_key: Annotated[
        str | None, Field(description="The secret of Cloudflare's `is_timed_hmac_valid_v0` rule")
    ] = None
    fastly_token: Annotated[str | None, Field(description="API token that may purge")] = None
    cloudflare_token: Annotated[str | None, Field(description="API token that may purge")] = None
    ffmpeg: Annotated[
        str | None,
        Field(
            description="The ffmpeg to use; unset: the system's where it has libvorbis, else the "
            "one in the imageio-ffmpeg wheel"
        ),
    ] = None
    cores: Annotated[
        int, Field(ge=1, description="Cores that one encode may use; default: all there are")
    ] = os.cpu_count() or 1
    min_duration_s: Annotated[
        float,
        Field(ge=0, le=_DAY_S, description="The shortest master that is accepted, in seconds"),
    ] = 1.0
    max_duration_s: Annotated[
        float, Field(gt=0, le=_DAY_S, description="The longest master that is accepted, in seconds")
    ] = 6 * 3600.0
    max_upload_bytes: Annotated[
        int, Field(gt=0, description="The largest file that an upload may send, in bytes")
    ] = 8 * 1024**3
    upload_ttl_s: Annotated[
        int,
        Field(gt=0, description="How long an upload may rest before it is forgotten, in seconds"),
    ] = 3 * _DAY_S
    gc_grace_s: Annotated[
        int,
        Field(ge=0, description="How long `legato gc` leaves what nothing refers to, in seconds"),
    ] = 7 * _DAY_S
    webhooks_private: Annotated[
        bool, Field(description="Webhooks may call addresses of private networks and this machine")
    ] = False
    measure_renditions: Annotated[
        bool,
        Field(
            description="Measure loudness and true peak of every rendition at ingest too, for "
            "about a third more CPU; `legato verify` always does"
        ),
    ] = False
    stall_s: Annotated[
        float,
        Field(gt=0, le=_DAY_S, description="An ffmpeg that moves no audio for so long is ended"),
    ] = 60.0
    lease_s: Annotated[
        float,
        Field(
            gt=1, le=_DAY_S, description="A job whose worker is silent for so long goes to another"
        ),
    ] = 30.0
    grant_ttl_s: Annotated[
        int, Field(gt=0, le=MAX_GRANT_TTL_S, description="How long a grant is good for, in seconds")
    ] = 24 * 3600

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data.absolute() / 'catalog.sqlite3'}"

    @property
    def store_url(self) -> str:
        return self.store or (self.data.absolute() / "objects").as_uri()

    @property
    def scratch(self) -> Path:
        """For files that nobody needs after the process that made them."""
        return self.data.absolute() / "scratch"

    @property
    def keys(self) -> Path:
        return self.data.absolute() / "keys"


def load_settings() -> Settings:
    """Read the settings; raises BadInput that names the variable and what it expects."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "LEGATO_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInput(
            "bad_setting", f"{name}: found {first['input']!r}: {first['msg']}"
        ) from error


def settings_table() -> str:
    """docs/settings.md: a row a setting, from the fields above."""
    lines = [
        "# Settings",
        "",
        "Read from the environment, or from a file `.env` in the working directory. Made from",
        "`legato/settings.py` by `python -m legato.settings`.",
        "",
        "| variable | default | what it sets |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "unset" if default is None else f"`{default}`"
        shown = "all cores" if name == "cores" else shown
        lines.append(f"| `LEGATO_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path("docs/settings.md").write_text(settings_table())
