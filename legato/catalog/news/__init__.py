"""What tenants are told of their tracks, and where."""
