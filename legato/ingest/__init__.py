"""Uploads become identified masters."""
