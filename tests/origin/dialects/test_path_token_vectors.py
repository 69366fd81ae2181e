"""What all verifiers of path tokens are held to, and that Python keeps to it."""

import base64
import json
from ipaddress import ip_address
from typing import Any

import pytest

from legato.errors import Forbidden
from legato.origin.dialects.dialect import SignedRequest
from legato.origin.dialects.path_token import PathTokenDialect
from legato.origin.grants.signing_keys import SigningKeys
from tests.vectors.make import FILE, vectors_text

VECTORS = json.loads(FILE.read_text())


def verdict(vector: dict[str, Any]) -> str:
    keys = {key_id: base64.b64decode(key) for key_id, key in vector["keys"].items()}
    address = vector["client_address"]
    request = SignedRequest(
        scheme="https",
        host="music.example",
        path=vector["path"],
        client_address=ip_address(address) if address is not None else None,
        country=vector["country"],
    )
    try:
        PathTokenDialect(keys=SigningKeys(by_id=keys)).verify(request, vector["now_s"])
    except Forbidden as error:
        return error.code
    return "ok"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_python_judges_each_vector_as_it_should(vector: dict[str, Any]) -> None:
    assert verdict(vector) == vector["expected"]


def test_the_vectors_are_those_that_their_program_writes() -> None:
    assert FILE.read_text() == vectors_text()


def test_the_vectors_know_every_answer_and_have_a_name_each() -> None:
    assert {vector["expected"] for vector in VECTORS} == {
        "ok", "no_token", "bad_token", "expired_token", "wrong_listener",
    }  # fmt: skip
    assert len({vector["name"] for vector in VECTORS}) == len(VECTORS)
