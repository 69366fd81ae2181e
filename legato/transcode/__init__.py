"""Masters become encoded files, by ffmpeg."""
