"""The manifest's JSON Schema; docs/manifest.schema.json is made of it.

python -m legato.manifests.schema
"""

import json
from pathlib import Path
from typing import Any

from legato.manifests.manifest import Manifest


def manifest_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of a stored manifest."""
    schema = Manifest.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    return json.dumps(manifest_schema(), indent=1) + "\n"


if __name__ == "__main__":
    Path("docs/manifest.schema.json").write_text(schema_text())
