"""`legato key list|rotate|drop|export`: the keys that grants are signed with."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial

from legato.catalog.accounts import audit
from legato.catalog.accounts.audit import COMMAND_LINE
from legato.deployment import Deployment
from legato.errors import BadInput
from legato.origin.grants import key_rotation
from legato.origin.grants.key_rotation import Change, KeyRole, change_key_file
from legato.origin.grants.signing_keys import (
    KEY_FILE,
    SETTING,
    SigningKeys,
    format_signing_keys,
    load_signing_keys,
)
from legato.settings import Settings, load_settings


class KeyFormat(StrEnum):
    """For whom the keys are written: our nginx, CloudFront's key value store, another origin."""

    NGINX = "nginx"
    CLOUDFRONT = "cloudfront"
    ENV = "env"


def list_signing_keys() -> Iterator[str]:
    """A line a key: its id and its role."""
    for key_id, role in key_rotation.roles(_keys(load_settings())).items():
        yield f"{key_id} {role}"


def rotate_signing_keys(*, stage: bool, now: bool) -> str:
    """Stage a key, or let the staged one sign, or a new one `now`; answers what was done."""
    settings = load_settings()
    if stage and now:
        raise BadInput("two_rotations", "found --stage and --now, expected one of them")
    if stage:
        keys = _changed(settings, key_rotation.stage)
        action, key_id = "signing_key.staged", str(key_rotation.staged_key(keys))
        done = f"{key_id} is staged: give it to every edge, then rotate"
    else:
        keys = _changed(settings, partial(key_rotation.rotate, now=now))
        action, key_id = "signing_key.rotated", keys.newest[0]
        done = f"{key_id} signs from now on; the keys before it still verify"
    _record(settings, action, key_id)
    return _told(settings, keys, done)


def drop_signing_key(key_id: str, warn: Callable[[str], None]) -> str:
    """Forget a key; `warn` hears of it where grants made with it may have been good."""
    settings = load_settings()
    before = _keys(settings)
    changed_at_s = _changed_at_s(settings)
    keys = _changed(settings, partial(key_rotation.drop, key_id=key_id))
    good_until_s = changed_at_s + settings.grant_ttl_s
    if key_rotation.roles(before)[key_id] is KeyRole.VERIFIES and good_until_s > time.time():
        until = datetime.fromtimestamp(good_until_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        warn(f"grants signed with {key_id} may have been good until {until}: they are not now")
    _record(settings, "signing_key.dropped", key_id)
    return _told(settings, keys, f"{key_id} is dropped")


def export_signing_keys(form: KeyFormat) -> str:
    """All keys, secrets and all, as an edge reads them."""
    keys = _keys(load_settings())
    encoded = {one: base64.b64encode(secret).decode() for one, secret in keys.by_id.items()}
    if form is KeyFormat.NGINX:
        return "\n".join(f'"{key_id}" "{secret}";' for key_id, secret in encoded.items())
    if form is KeyFormat.CLOUDFRONT:
        pairs = [{"key": key_id, "value": secret} for key_id, secret in encoded.items()]
        return json.dumps({"data": pairs}, indent=2)
    return f"{SETTING}={format_signing_keys(keys)}"


def _keys(settings: Settings) -> SigningKeys:
    return load_signing_keys(settings.signing_keys, settings.keys)


def _changed(settings: Settings, change: Change) -> SigningKeys:
    """What a change makes of the keys: of those that are set, nothing is changed here."""
    if settings.signing_keys is not None:
        return key_rotation.changed(_keys(settings), change, SETTING)
    return change_key_file(settings.keys, change)


def _record(settings: Settings, action: str, key_id: str) -> None:
    """Enter a change of the file of keys; where they are set, nothing has been changed here."""
    if settings.signing_keys is None:
        with Deployment(settings).database.write() as session:
            audit.record(session, tenant_id=None, actor=COMMAND_LINE, action=action, subject=key_id)


def _told(settings: Settings, keys: SigningKeys, done: str) -> str:
    """What was done; where the keys are set, the value to set, by which alone it is done."""
    if settings.signing_keys is None:
        return done
    return f"{SETTING}={format_signing_keys(keys)}"


def _changed_at_s(settings: Settings) -> float:
    """When the keys were last changed: no key stopped signing after that."""
    if settings.signing_keys is not None:
        return time.time()
    return (settings.keys / KEY_FILE).stat().st_mtime
