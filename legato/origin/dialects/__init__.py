"""Grants as URLs: our path token, and what each CDN verifies by itself."""
