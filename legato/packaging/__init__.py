"""Ogg pages, MP4 boxes and the 5 s grid: bytes to values and back, no I/O."""
