"""An origin that speaks only to an edge with a certificate of the right authority (mTLS)."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.origin.media.certificates import Authority, Pair
from tests.running import RunningServer, run_legato

Connect = Callable[[Pair | None], httpx.Client]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def origin(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    pair = authority.issue("origin")
    settings = {
        "LEGATO_TLS_CERT": str(pair.certificate),
        "LEGATO_TLS_KEY": str(pair.key),
        "LEGATO_TLS_CLIENT_CA": str(authority.certificate),
        "LEGATO_EDGE_VERIFIES": "true",
    }
    folder = tmp_path_factory.mktemp("mtls")
    context = context_of(authority, authority.issue("prober"))
    with RunningServer(folder / "data", settings, tls=context) as running:
        yield running


def context_of(authority: Authority, pair: Pair | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if pair is not None:
        context.load_cert_chain(pair.certificate, pair.key)
    return context


def test_an_edge_with_its_certificate_is_answered(
    origin: RunningServer, authority: Authority
) -> None:
    edge = context_of(authority, authority.issue("edge"))

    assert httpx.get(f"{origin.url}/healthz", verify=edge).status_code == 200
    absent = httpx.get(f"{origin.url}/audio/{'0' * 64}/manifest.json", verify=edge)
    assert absent.status_code == 404  # it has been let in, without a token


def test_whoever_has_none_or_a_strangers_is_not(
    origin: RunningServer, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "stranger").issue("edge")

    for pair in (None, stranger):
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{origin.url}/healthz", verify=context_of(authority, pair))


@pytest.mark.parametrize("missing", ["LEGATO_TLS_CERT", "LEGATO_TLS_KEY", "LEGATO_TLS_CLIENT_CA"])
def test_a_file_that_is_not_there_is_named(
    authority: Authority, tmp_path: Path, missing: str
) -> None:
    pair = authority.issue("another")
    settings = {
        "LEGATO_TLS_CERT": str(pair.certificate),
        "LEGATO_TLS_KEY": str(pair.key),
        "LEGATO_TLS_CLIENT_CA": str(authority.certificate),
        missing: "/no/such/file.pem",
    }

    refused = run_legato("serve", "--port", "1", data=tmp_path / "data", env=settings)

    assert refused.returncode == 1
    assert f"{missing}: found /no/such/file.pem, expected a PEM file" in refused.stderr
