"""What is stored, read as a stranger would: hashes, seams, lengths, loudness, playlists."""
