"""Resumable uploads: the tus protocol 1.0, spoken as plain ASGI."""
