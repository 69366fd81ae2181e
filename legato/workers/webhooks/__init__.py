"""Sending what webhooks are to be told: signed, to checked addresses, until it is heard."""
