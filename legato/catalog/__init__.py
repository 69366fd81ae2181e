"""Tenants, masters, recordings, assets, tracks, releases and jobs, in SQL."""
