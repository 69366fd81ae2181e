"""Every stable code of an error: its HTTP status, what it means, what to do about it."""
