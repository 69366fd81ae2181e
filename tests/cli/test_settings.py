"""Settings: a wrong one is named by its variable; their page is made from the code."""

import subprocess
import sys
from pathlib import Path

import pytest

from legato.deployment import Deployment
from legato.errors import BadInput
from legato.settings import Settings, settings_table
from tests.running import environment, run_legato

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("LEGATO_CORES", "0", "found '0': "),
        ("LEGATO_CORES", "many", "found 'many': "),
        ("LEGATO_MIN_DURATION_S", "-1", "found '-1': "),
        ("LEGATO_GRANT_TTL_S", "1.5", "found '1.5': "),
        ("LEGATO_LEASE_S", "1", "found '1': "),
        ("LEGATO_BROKER", "carrier://pigeon", "found 'carrier://pigeon', expected "),
        ("LEGATO_DATABASE", "no url", "Could not parse SQLAlchemy URL"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_what_was_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, value: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEGATO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv(variable, value)

    with pytest.raises(BadInput) as refused:
        Deployment().database.read()

    assert refused.value.code == "bad_setting"
    assert refused.value.message.startswith(f"{variable}: {words}")


def test_a_command_tells_of_its_settings_in_one_line_and_shows_no_secret(tmp_path: Path) -> None:
    secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ"  # noqa: S105 - it opens nothing

    done = run_legato("serve", data=tmp_path / "data", env={"LEGATO_SIGNING_KEYS": f"k1:{secret}é"})

    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith("legato: LEGATO_SIGNING_KEYS, key 1: expected kid:base64")
    assert line.endswith("[bad_setting]")
    assert "Traceback" not in done.stderr
    assert secret not in done.stdout + done.stderr


def test_the_environment_goes_before_dotenv_and_dotenv_before_the_default(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LEGATO_CORES=3\nLEGATO_GRANT_TTL_S=60\nOTHERS=too\n")
    say = "s = Settings(); print(s.cores, s.grant_ttl_s, s.lease_s)"

    said = subprocess.run(
        [sys.executable, "-c", f"from legato.settings import Settings; {say}"],
        cwd=tmp_path, env=environment(tmp_path, {"LEGATO_GRANT_TTL_S": "90"}),
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert said.stdout == "3 90 30.0\n"


def test_the_page_of_settings_is_what_the_code_says(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    command = [sys.executable, "-m", "legato.settings"]
    subprocess.run(command, cwd=tmp_path, env=environment(tmp_path), check=True)

    written = (tmp_path / "docs" / "settings.md").read_text()

    assert written == settings_table() == (ROOT / "docs" / "settings.md").read_text()


def test_every_setting_has_a_row_and_a_word_of_what_it_sets() -> None:
    table = settings_table()

    for name, field in Settings.model_fields.items():
        assert f"| `LEGATO_{name.upper()}` | " in table
        assert field.description
        assert field.description in table


def test_relative_data_is_where_the_command_was_run(tmp_path: Path) -> None:
    settings = Settings(data=Path("here"), _env_file=None)

    assert settings.database_url == f"sqlite:///{Path.cwd()}/here/catalog.sqlite3"
    assert settings.store_url == (Path.cwd() / "here" / "objects").as_uri()
    assert Settings(data=tmp_path / "a b", _env_file=None).store_url.endswith("/a%20b/objects")
