"""What each vendor is asked, to the letter of its documentation, and what counts as a yes."""

import json
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from legato.errors import Unavailable
from legato.origin.edges.cloudflare import CloudflareEdge
from legato.origin.edges.cloudfront import CloudFrontEdge, invalidated_paths
from legato.origin.edges.fastly import FastlyEdge
from legato.origin.edges.nginx import NginxEdge
from legato.origin.edges.purge import PurgingEdge
from tests.origin.edges.fake_edge import Asked, FakeEdge
from tests.origin.edges.ready_track import ASSET_ID

SECRET = "a-token-that-may-purge"  # noqa: S105 - of nobody
NGINX = NginxEdge(url="http://edge.internal:8081", secret=SECRET)
FASTLY = FastlyEdge(service_id="SU1Z0isxPaozGVKXdv0eY", token=SECRET)
CLOUDFLARE = CloudflareEdge(zone_id="023e105f4ecef8ad9ca31a8372d0c353", token=SECRET)
NAMESPACE = "{http://cloudfront.amazonaws.com/doc/2020-05-31/}"


def test_nginx_is_asked_at_its_admin_address() -> None:
    request = NGINX.request(ASSET_ID)

    assert (request.method, request.url, request.body) == (
        "POST", f"http://edge.internal:8081/edge/purge/{ASSET_ID}", b"",
    )  # fmt: skip
    assert request.headers == {"x-legato-edge-secret": SECRET}


def test_fastly_purges_a_surrogate_key_hard() -> None:
    """POST /service/{service_id}/purge/{surrogate_key}; soft only where it is asked to be."""
    request = FASTLY.request(ASSET_ID)

    assert (request.method, request.url, request.body) == (
        "POST", f"https://api.fastly.com/service/SU1Z0isxPaozGVKXdv0eY/purge/{ASSET_ID}", b"",
    )  # fmt: skip
    assert request.headers == {"fastly-key": SECRET, "accept": "application/json"}


def test_cloudflare_purges_a_tag() -> None:
    """POST /zones/{zone_id}/purge_cache with `{"tags": […]}`."""
    request = CLOUDFLARE.request(ASSET_ID)

    zone = "https://api.cloudflare.com/client/v4/zones/023e105f4ecef8ad9ca31a8372d0c353"
    assert (request.method, request.url) == ("POST", f"{zone}/purge_cache")
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {"tags": [ASSET_ID]}


def test_cloudfront_is_given_paths_whose_wildcard_is_their_end() -> None:
    paths = invalidated_paths(ASSET_ID)

    assert paths == [
        f"/audio/{ASSET_ID}/*", f"/upto/96/audio/{ASSET_ID}/*", f"/upto/160/audio/{ASSET_ID}/*",
    ]  # fmt: skip
    assert all(path.index("*") == len(path) - 1 for path in paths)


YES: list[tuple[Callable[[str], PurgingEdge], bytes]] = [
    (lambda url: replace(NGINX, url=url), f'{{"asset_id": "{ASSET_ID}", "removed": 0}}'.encode()),
    (lambda url: replace(FASTLY, api=url), b'{"status": "ok", "id": "1234-567890"}'),
    (
        lambda url: replace(CLOUDFLARE, api=url),
        b'{"success": true, "errors": [], "messages": [], "result": {"id": "023e"}}',
    ),
]
EDGES = [make for make, _ in YES]


@pytest.mark.parametrize(("make", "yes"), YES)
def test_a_vendors_own_yes_is_a_confirmation(
    fake_edge: FakeEdge, make: Callable[[str], PurgingEdge], yes: bytes
) -> None:
    fake_edge.answer = lambda _: (200, yes)

    make(fake_edge.url).purge(ASSET_ID, 1)

    [asked] = fake_edge.asked
    assert asked.method == "POST"
    assert SECRET in "".join(asked.headers.values())


@pytest.mark.parametrize("make", EDGES)
@pytest.mark.parametrize(
    "answer",
    [
        (200, b""), (200, b"[]"), (200, b"\xff"), (200, b"{}"), (302, b"{}"),
        (200, b'{"status": "error", "success": false, "asset_id": "another", "errors": []}'),
        (403, b'{"success": true, "status": "ok"}'), (500, b"<html>"),
    ],
)  # fmt: skip
def test_anything_else_is_not_and_the_error_holds_no_secret(
    fake_edge: FakeEdge, make: Callable[[str], PurgingEdge], answer: tuple[int, bytes]
) -> None:
    fake_edge.answer = lambda _: answer
    edge = make(fake_edge.url)

    with pytest.raises(Unavailable) as refused:
        edge.purge(ASSET_ID, 1)

    assert refused.value.code == "edge_refused"
    assert refused.value.message.startswith(f"{edge.name}: found ")
    assert SECRET not in f"{refused.value!r} {edge!r} {edge.name}"


@pytest.mark.parametrize("make", EDGES)
def test_an_edge_that_is_away_is_said_to_be(
    fake_edge: FakeEdge, make: Callable[[str], PurgingEdge]
) -> None:
    edge = make(fake_edge.url)
    fake_edge.away()

    try:
        with pytest.raises(Unavailable) as refused:
            edge.purge(ASSET_ID, 1)
    finally:
        fake_edge.back()

    assert refused.value.code == "edge_away"


@pytest.mark.parametrize("make", [make for make, _ in YES])
def test_a_token_is_in_no_message_even_where_it_cannot_be_sent(
    fake_edge: FakeEdge, make: Callable[[str], PurgingEdge]
) -> None:
    """The client says `Illegal header value`, and then the value."""
    edge = make(fake_edge.url)
    field = "secret" if isinstance(edge, NginxEdge) else "token"

    with pytest.raises(Unavailable) as refused:
        replace(edge, **{field: f"{SECRET}\n"}).purge(ASSET_ID, 1)  # type: ignore[type-var]

    assert refused.value.message == f"{edge.name}: LocalProtocolError"


class FakeCloudFront:
    """Invalidations as the API has them: one a CallerReference, completed when we say so."""

    def __init__(self) -> None:
        self.batches: dict[str, list[str]] = {}
        self.status = "InProgress"

    def answer(self, asked: Asked) -> tuple[int, bytes]:
        if not asked.path.startswith("/2020-05-31/distribution/EDFDVBD632BHDS5/invalidation"):
            code = b"<Code>NoSuchDistribution</Code>"
            return 404, b"<ErrorResponse><Error>" + code + b"</Error></ErrorResponse>"
        if asked.method == "POST":
            batch = ET.fromstring(asked.body)  # noqa: S314 - our own request
            paths = [path.text or "" for path in batch.iter(f"{NAMESPACE}Path")]
            self.batches[batch.findtext(f"{NAMESPACE}CallerReference") or ""] = paths
            return 201, self._invalidation("InProgress")
        return 200, self._invalidation(self.status)

    def _invalidation(self, status: str) -> bytes:
        return (
            f'<Invalidation xmlns="{NAMESPACE[1:-1]}"><Id>IDFDVBD632BHDS5</Id>'
            f"<Status>{status}</Status><CreateTime>2026-01-01T00:00:00Z</CreateTime>"
            "</Invalidation>"
        ).encode()


@pytest.fixture
def cloudfront(fake_edge: FakeEdge, monkeypatch: pytest.MonkeyPatch) -> FakeCloudFront:
    """The API behind AWS's own client, which is told of it as an operator tells it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFRONT", fake_edge.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    cloudfront = FakeCloudFront()
    fake_edge.answer = cloudfront.answer
    return cloudfront


def test_cloudfront_confirms_when_its_invalidation_is_completed(
    cloudfront: FakeCloudFront,
) -> None:
    edge = CloudFrontEdge(distribution_id="EDFDVBD632BHDS5")
    with pytest.raises(Unavailable) as busy:
        edge.purge(ASSET_ID, 17)
    assert busy.value.code == "edge_busy"

    cloudfront.status = "Completed"
    edge.purge(ASSET_ID, 17)

    assert cloudfront.batches == {f"legato-{ASSET_ID}-17": invalidated_paths(ASSET_ID)}
    edge.purge(ASSET_ID, 18)  # a later takedown: an invalidation of its own
    assert len(cloudfront.batches) == 2


def test_cloudfront_refuses_and_is_away_in_our_words(
    cloudfront: FakeCloudFront, fake_edge: FakeEdge
) -> None:
    del cloudfront
    with pytest.raises(Unavailable) as refused:
        CloudFrontEdge(distribution_id="ENOSUCH").purge(ASSET_ID, 1)
    assert refused.value.code == "edge_refused"
    assert "NoSuchDistribution" in refused.value.message

    fake_edge.away()
    try:
        with pytest.raises(Unavailable) as away:
            CloudFrontEdge(distribution_id="EDFDVBD632BHDS5").purge(ASSET_ID, 1)
    finally:
        fake_edge.back()
    assert away.value.code == "edge_away"
    assert SECRET not in refused.value.message + away.value.message
