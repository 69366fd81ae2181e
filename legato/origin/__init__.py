"""Grants, byte ranges, the media app and the API."""
