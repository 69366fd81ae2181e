"""Where masters stand in the object store."""


def master_key(master_id: str) -> str:
    return f"masters/{master_id[:2]}/{master_id}"
