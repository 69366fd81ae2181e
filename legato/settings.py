"""Settings from the environment or `.env`; docs/settings.md is generated from this file."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from legato.errors import BadInput

_DAY_S = 24 * 3600
MAX_GRANT_TTL_S = 10 * 366 * _DAY_S


class Settings(BaseSettings):
    """What can be set; each field is read from `LEGATO_` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="LEGATO_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data: Annotated[
        Path, Field(description="Folder for the catalogue, the objects, the keys and scratch")
    ] = Path("data")
    database: Annotated[
        str | None,
        Field(description="SQLAlchemy URL of the catalogue; unset: SQLite in the data folder"),
    ] = None
    store: Annotated[
        str | None,
        Field(description="Object store, `file:///…`; unset: a folder in the data folder"),
    ] = None
    broker: Annotated[
        str, Field(description="What wakes a worker; `memory://` is Dramatiq's in-process broker")
    ] = "memory://"
    signing_keys: Annotated[
        str | None,
        Field(
            description="`kid:base64,kid:base64`, newest first; unset: one is made in the data "
            "folder on first use"
        ),
    ] = None
    public_url: Annotated[
        str | None,
        Field(
            description="Where listeners reach the origin or its edge; unset: the address that "
            "the request came to, or http://127.0.0.1:8000"
        ),
    ] = None
    ffmpeg: Annotated[
        str | None,
        Field(
            description="The ffmpeg to use; unset: the system's where it has libvorbis, else the "
            "one in the imageio-ffmpeg wheel"
        ),
    ] = None
    cores: Annotated[
        int, Field(ge=1, description="Cores that one encode may use; default: all there are")
    ] = os.cpu_count() or 1
    min_duration_s: Annotated[
        float,
        Field(ge=0, le=_DAY_S, description="The shortest master that is accepted, in seconds"),
    ] = 1.0
    max_duration_s: Annotated[
        float, Field(gt=0, le=_DAY_S, description="The longest master that is accepted, in seconds")
    ] = 6 * 3600.0
    max_upload_bytes: Annotated[
        int, Field(gt=0, description="The largest file that an upload may send, in bytes")
    ] = 8 * 1024**3
    measure_renditions: Annotated[
        bool,
        Field(
            description="Measure loudness and true peak of every rendition at ingest too, for "
            "about a third more CPU; `legato verify` always does"
        ),
    ] = False
    stall_s: Annotated[
        float,
        Field(gt=0, le=_DAY_S, description="An ffmpeg that moves no audio for so long is ended"),
    ] = 60.0
    lease_s: Annotated[
        float,
        Field(
            gt=1, le=_DAY_S, description="A job whose worker is silent for so long goes to another"
        ),
    ] = 30.0
    grant_ttl_s: Annotated[
        int, Field(gt=0, le=MAX_GRANT_TTL_S, description="How long a grant is good for, in seconds")
    ] = 24 * 3600

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data.absolute() / 'catalog.sqlite3'}"

    @property
    def store_url(self) -> str:
        return self.store or (self.data.absolute() / "objects").as_uri()

    @property
    def scratch(self) -> Path:
        """For files that nobody needs after the process that made them."""
        return self.data.absolute() / "scratch"

    @property
    def keys(self) -> Path:
        return self.data.absolute() / "keys"


def load_settings() -> Settings:
    """Read the settings; raises BadInput that names the variable and what it expects."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "LEGATO_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInput(
            "bad_setting", f"{name}: found {first['input']!r}: {first['msg']}"
        ) from error


def settings_table() -> str:
    """docs/settings.md: a row a setting, from the fields above."""
    lines = [
        "# Settings",
        "",
        "Read from the environment, or from a file `.env` in the working directory. Made from",
        "`legato/settings.py` by `python -m legato.settings`.",
        "",
        "| variable | default | what it sets |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "unset" if default is None else f"`{default}`"
        shown = "all cores" if name == "cores" else shown
        lines.append(f"| `LEGATO_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path("docs/settings.md").write_text(settings_table())
