"""The media path: signed addresses in, bytes out; no database behind it."""
