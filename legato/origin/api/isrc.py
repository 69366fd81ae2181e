"""An ISRC as a field of a request."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from legato.ingest.tags import check_isrc

# Raises BadInput `bad_isrc`, and keeps the canonical form.
Isrc = Annotated[
    str,
    AfterValidator(check_isrc),
    WithJsonSchema(
        {
            "type": "string",
            "description": "ISO 3901; hyphens and lower case are taken, and not kept",
            "examples": ["DE-A12-25-00001"],
        }
    ),
]
