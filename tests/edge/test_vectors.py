"""What Debian's njs says of the path tokens that every verifier is held to."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.running import STOP_TIMEOUT_S, wait_until
from tests.servers.nginx import DEPLOY
from tests.vectors.make import FILE

VECTORS: Final = json.loads(FILE.read_text())
NOBODY: Final = "203.0.113.1"


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """nginx with the edge's path-token.js alone; the header X-Address is the listener's address."""
    folder = tmp_path_factory.mktemp("judge")
    socket = folder / "socket"
    configuration = folder / "nginx.conf"
    configuration.write_text(f"""
        load_module modules/ngx_http_js_module.so;
        daemon off;
        pid {folder}/pid;
        error_log {folder}/error.log;
        events {{}}
        http {{
            access_log off;
            client_body_temp_path {folder}/body;
            client_body_buffer_size 64k;
            js_path {DEPLOY}/legato;
            js_import judge from {Path(__file__).with_name("judge.js")};
            set_real_ip_from unix:;
            real_ip_header X-Address;
            server {{
                listen unix:{socket};
                location / {{ js_content judge.judge; }}
            }}
        }}
    """)
    nginx = subprocess.Popen(["nginx", "-c", configuration], stderr=subprocess.DEVNULL)
    try:
        wait_until(socket.exists)
        transport = httpx.HTTPTransport(uds=str(socket))
        with httpx.Client(transport=transport, base_url="http://judge") as client:
            yield client
    finally:
        nginx.terminate()
        nginx.wait(STOP_TIMEOUT_S)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_njs_judges_each_vector_as_it_should(judge: httpx.Client, vector: dict[str, Any]) -> None:
    address = vector["client_address"] or NOBODY
    answer = judge.post("/", json=vector, headers={"x-address": address})
    assert answer.text == vector["expected"]
