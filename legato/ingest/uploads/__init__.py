"""Masters that arrive in pieces, and are whole when their last byte is safe."""
