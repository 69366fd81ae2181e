"""Real tus clients, each sending one file over a line that may break."""

import json
import subprocess
from pathlib import Path
from typing import Final

from tusclient.client import TusClient as Tuspy

from tests.conftest import ROOT

_SCRIPT: Final = Path(__file__).with_name("upload.cjs")
_TUS_JS: Final = ROOT / "legato" / "web" / "node_modules" / "tus-js-client"
_TUSPY_CHUNK: Final = 8 << 20
_TIMEOUT_S: Final = 900


def upload_with_tus_js(url: str, key: str, file: Path, name: str) -> None:
    """The whole file in one PATCH, and what is missing in another as often as a line breaks."""
    given = {
        "client": str(_TUS_JS), "endpoint": f"{url}/v1/uploads", "key": key, "file": str(file),
        "metadata": {"filename": name},
    }  # fmt: skip
    done = subprocess.run(
        ["node", _SCRIPT, json.dumps(given)],
        capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["track"], done.stdout


def upload_with_tuspy(url: str, key: str, file: Path, name: str) -> None:
    """A PATCH for every 8 MiB, each with its checksum."""
    client = Tuspy(f"{url}/v1/uploads", headers={"Authorization": f"Bearer {key}"})
    with file.open("rb") as stream:
        uploader = client.uploader(
            file_stream=stream, chunk_size=_TUSPY_CHUNK, metadata={"filename": name},
            retries=200, retry_delay=0.02, upload_checksum=True,
        )  # fmt: skip
        uploader.upload()


CLIENTS: Final = {"tus-js-client": upload_with_tus_js, "tuspy": upload_with_tuspy}
