"""`python -m legato.ingest.gate` writes docs/quality-gate.md."""

from pathlib import Path

from legato.ingest.gate.document import quality_gate_document

Path("docs/quality-gate.md").write_text(quality_gate_document())
