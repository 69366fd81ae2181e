"""Every ffmpeg runs in here: what it may use, read, write, and ask of the system."""
