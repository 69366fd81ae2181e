"""legato: the audio path of a music streaming service."""

__version__ = "0.1.0"
