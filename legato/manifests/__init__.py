"""The JSON manifest and the HLS playlists, pure functions of it."""
