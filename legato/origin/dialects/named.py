"""The dialects by their names, each with its key from the settings."""

from collections.abc import Callable
from typing import Final

from legato.errors import BadInput
from legato.origin.dialects import (
    akamai,
    bunny,
    cloudflare,
    cloudfront,
    google_cdn,
    media_cdn,
)
from legato.origin.dialects.dialect import Dialect
from legato.origin.dialects.path_token import PathTokenDialect
from legato.origin.grants.signing_keys import SigningKeys
from legato.settings import Settings

PATH: Final = "path"

# Name → the setting that holds its key, and how a dialect is made of that.
_VENDORS: Final[dict[str, tuple[str, Callable[[str], Dialect]]]] = {
    "cloudfront": (
        "cloudfront_key",
        lambda key: cloudfront.CloudFrontQuery(key=cloudfront.parse_cloudfront_key(key)),
    ),
    "cloudfront-cookies": (
        "cloudfront_key",
        lambda key: cloudfront.CloudFrontCookies(key=cloudfront.parse_cloudfront_key(key)),
    ),
    "akamai": (
        "akamai_key",
        lambda key: akamai.AkamaiQuery(key=akamai.parse_akamai_key(key)),
    ),
    "akamai-cookies": (
        "akamai_key",
        lambda key: akamai.AkamaiCookies(key=akamai.parse_akamai_key(key)),
    ),
    "google-cdn": (
        "google_cdn_key",
        lambda key: google_cdn.GoogleCdnQuery(key=google_cdn.parse_google_cdn_key(key)),
    ),
    "google-cdn-cookies": (
        "google_cdn_key",
        lambda key: google_cdn.GoogleCdnCookies(key=google_cdn.parse_google_cdn_key(key)),
    ),
    "media-cdn": (
        "media_cdn_key",
        lambda key: media_cdn.MediaCdnQuery(key=media_cdn.parse_media_cdn_key(key)),
    ),
    "media-cdn-path": (
        "media_cdn_key",
        lambda key: media_cdn.MediaCdnPath(key=media_cdn.parse_media_cdn_key(key)),
    ),
    "media-cdn-cookies": (
        "media_cdn_key",
        lambda key: media_cdn.MediaCdnCookies(key=media_cdn.parse_media_cdn_key(key)),
    ),
    "bunny": (
        "bunny_key",
        lambda key: bunny.BunnyPath(key=bunny.parse_bunny_key(key)),
    ),
    "cloudflare": (
        "cloudflare_key",
        lambda key: cloudflare.CloudflarePath(key=cloudflare.parse_cloudflare_key(key)),
    ),
}
DIALECTS: Final = (PATH, *_VENDORS)


def open_dialect(name: str, settings: Settings, keys: SigningKeys) -> Dialect:
    """A dialect by its name; raises BadInput `no_dialect`, or `bad_setting` for its key."""
    if name == PATH:
        return PathTokenDialect(keys=keys)
    if name not in _VENDORS:
        raise BadInput("no_dialect", f"dialect {name!r}: there are {', '.join(DIALECTS)}")
    setting, make = _VENDORS[name]
    key = getattr(settings, setting)
    if key is None:
        raise BadInput("bad_setting", f"LEGATO_{setting.upper()}: unset; dialect {name} needs it")
    return make(key)
