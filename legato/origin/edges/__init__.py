"""The caches in front of the origin: warming and purging them."""
