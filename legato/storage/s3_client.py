"""boto3's client as we want it, and its exceptions in our words.

Credentials, region and endpoint are AWS's usual variables and files, which boto3 reads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from urllib3.exceptions import HTTPError

from legato.errors import BadInput, NotFound, Unavailable

_CONNECT_TIMEOUT_S: Final = 3
_READ_TIMEOUT_S: Final = 10
_ATTEMPTS: Final = 3
_CONNECTIONS: Final = 64

_CREDENTIALS: Final = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
_RIGHTS: Final = (
    "check that the credentials allow s3:GetObject, s3:PutObject, s3:DeleteObject and "
    "s3:ListBucket here"
)
_CREDENTIAL_ERRORS: Final = (
    CredentialRetrievalError, NoCredentialsError, PartialCredentialsError, ProfileNotFound
)  # fmt: skip
_REGION: Final = "check AWS_REGION"
_NETWORK: Final = "check AWS_ENDPOINT_URL and the network"
# What to look at, by the store's error code.
_CHECK: Final = {
    "NoSuchBucket": "make the bucket, or name another in LEGATO_STORE",
    "InvalidAccessKeyId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS,
    "ExpiredToken": _CREDENTIALS,
    "AccessDenied": _RIGHTS,
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "RequestTimeTooSkewed": "set this machine's clock",
}


def connect(endpoint: str | None = None) -> Any:
    """A client for any number of threads; it asks again by itself where that may help.

    `endpoint` goes before AWS_ENDPOINT_URL. Raises what `in_our_words` translates.
    """
    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=_CONNECTIONS,
        tcp_keepalive=True,
        signature_version="s3v4",
        # Ours are sent and compared by us; the rest is more than every server understands.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return boto3.session.Session().client("s3", config=config, endpoint_url=endpoint)
    except ValueError as error:  # boto3's word for an address that is none
        named = "AWS_ENDPOINT_URL" if endpoint is None else "LEGATO_STORE_PUBLIC_URL"
        raise BadInput("bad_setting", f"{named}: expected http://… or https://…") from error


def error_code(error: ClientError) -> str:
    """The store's own word for what is wrong, or the HTTP status where it said none."""
    code: str = error.response.get("Error", {}).get("Code", "")
    return code or str(http_status(error))


def http_status(error: ClientError) -> int:
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status


@contextmanager
def in_our_words(bucket: str, key: str) -> Iterator[None]:
    """Nothing of boto3's, urllib3's or the system's leaves this but as an error of ours."""
    try:
        yield
    except ClientError as error:
        raise _refused(error_code(error), bucket, key) from error
    except (BotoCoreError, HTTPError) as error:
        raise _unreached(error, bucket, key) from error
    except OSError as error:  # a file of this machine
        raise _unavailable(f"object {key!r}: {error.strerror}") from error


def _refused(code: str, bucket: str, key: str) -> NotFound | Unavailable:
    """What the store's answer says."""
    if code == "NoSuchKey":
        return NotFound("no_object", f"object {key!r}: not in the store")
    check = _CHECK.get(code, "try again later")
    return _unavailable(f"object {key!r}: bucket {bucket!r} answers {code}: {check}")


def _unreached(error: Exception, bucket: str, key: str) -> Unavailable:
    """What has kept the store from answering."""
    check = _CREDENTIALS if isinstance(error, _CREDENTIAL_ERRORS) else _NETWORK
    found = type(error).__name__
    return _unavailable(f"object {key!r} in bucket {bucket!r}: {found}: {check}")


def _unavailable(message: str) -> Unavailable:
    return Unavailable("store_unavailable", message)
