"""LEGATO_EDGES: read to the letter, refused in words that show no secret."""

from pathlib import Path

import pytest

from legato.errors import BadInput
from legato.origin.edges.configured import configured_edges
from legato.origin.edges.fastly import FastlyEdge
from legato.origin.edges.nginx import NginxEdge
from legato.settings import Settings

EVERY = (
    "nginx=http://edge-1.internal:8081/, nginx=https://edge-2.internal,"
    "cloudfront=EDFDVBD632BHDS5,fastly=SU1Z0isxPaozGVKXdv0eY,cloudflare=023e105f"
)


def settings(tmp_path: Path, edges: str | None, **more: str) -> Settings:
    return Settings(data=tmp_path, edges=edges, _env_file=None, **more)  # type: ignore[arg-type]


def test_every_kind_of_edge_is_read_in_order(tmp_path: Path) -> None:
    secrets = {"fastly_token": "f", "cloudflare_token": "c", "edge_secret": "new, old"}

    found = configured_edges(settings(tmp_path, EVERY, **secrets))

    assert [edge.name for edge in found] == [
        "nginx=http://edge-1.internal:8081", "nginx=https://edge-2.internal",
        "cloudfront=EDFDVBD632BHDS5", "fastly=SU1Z0isxPaozGVKXdv0eY", "cloudflare=023e105f",
    ]  # fmt: skip
    assert isinstance(found[0], NginxEdge)
    assert found[0].secret == "new"  # noqa: S105 - of nobody


def test_what_a_file_put_around_a_token_is_no_part_of_it(tmp_path: Path) -> None:
    token = {"fastly_token": " token\n"}

    [edge] = configured_edges(settings(tmp_path, "fastly=S", **token))

    assert isinstance(edge, FastlyEdge)
    assert edge.token == "token"  # noqa: S105 - of nobody


@pytest.mark.parametrize("token", ["hu\nsh", "hu sh", "hush\x7f", "hüsh", "hush\0"])
@pytest.mark.parametrize("kind", ["nginx", "fastly", "cloudflare"])
def test_a_token_that_no_header_could_carry_is_refused_and_not_shown(
    tmp_path: Path, kind: str, token: str
) -> None:
    edges = {"nginx": "nginx=http://a"}.get(kind, f"{kind}=x")
    setting = "edge_secret" if kind == "nginx" else f"{kind}_token"

    with pytest.raises(BadInput) as refused:
        configured_edges(settings(tmp_path, edges, **{setting: token}))

    assert f"LEGATO_{setting.upper()} of visible ASCII" in refused.value.message
    assert "sh" not in refused.value.message.replace("of visible", "")


def test_without_a_setting_there_is_none(tmp_path: Path) -> None:
    assert configured_edges(settings(tmp_path, None)) == []


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ("varnish=http://a", "entry 1: found 'varnish', expected one of nginx, cloudfront"),
        ("nginx", "entry 1: found '', expected nginx=http://host:port"),
        ("nginx=edge:8081", "entry 1: found 'edge:8081'"),
        ("nginx=http://a:port", "entry 1: found 'http://a:port'"),
        ("nginx=http://[a", "entry 1: found 'http://[a'"),
        ("nginx=http://a,", "entry 2: found '', expected one of"),
        ("nginx=http://a,nginx=http://a/", "entry 2: found nginx=http://a twice"),
        ("cloudfront=", "entry 1: found '', expected cloudfront=DISTRIBUTION"),
        ("cloudfront=../x", "entry 1: found '../x'"),
        ("nginx=http://a", "entry 1: found nginx, expected LEGATO_EDGE_SECRET to be set"),
        ("fastly=S", "entry 1: found fastly, expected LEGATO_FASTLY_TOKEN"),
        ("nginx=http://a,cloudflare=Z", "entry 2: found cloudflare, expected LEGATO_CLOUDFLARE"),
        ("nginx=http://me:hush@a", "entry 1: found a URL with a password"),
        ("nginx=http://a/?key=hush", "entry 1: found a URL with a password or a query"),
    ],
)
def test_an_entry_that_cannot_be_is_named(tmp_path: Path, edges: str, said: str) -> None:
    secret = "" if "EDGE_SECRET" in said else "of-the-edge"
    with pytest.raises(BadInput) as refused:
        configured_edges(settings(tmp_path, edges, edge_secret=secret))

    assert refused.value.message.startswith(f"LEGATO_EDGES, {said}")
    assert "hush" not in refused.value.message
