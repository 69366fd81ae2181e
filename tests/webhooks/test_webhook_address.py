"""A webhook leads out of our own network, however its address is written."""

import pytest

from legato.catalog.news.webhook_address import addresses_of, check_url, is_public
from legato.errors import BadInput


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1",
        "::", "::1", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "::ffff:10.0.0.1",
        "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2002:a00:1::", "fec0::1", "5f00::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "example.com", "https://", "",
        "https://user:secret@example.com/", "https://example.com/#part", "https://[::1",
        "https://example.com/" + 2000 * "a", "https://example.com:99999/", "https://exa\nmple.com/",
    ],
)  # fmt: skip
def test_a_url_that_is_none_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_url(url)

    assert refused.value.code == "bad_webhook_url"


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "no-such-name.invalid"]
)
def test_a_name_of_our_own_network_and_a_name_of_nothing_look_the_same(host: str) -> None:
    with pytest.raises(BadInput, match="found no public address of") as refused:
        addresses_of(check_url(f"https://{host}/"))

    assert "127" not in refused.value.message.replace(host, "")


def test_an_operator_may_let_webhooks_into_its_own_network() -> None:
    assert addresses_of(check_url("http://127.0.0.1:1/", private=True), private=True)
