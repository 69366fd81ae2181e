"""The page that plays."""
