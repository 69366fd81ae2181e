"""The process that a worker must not outlive."""

import os
from typing import Final

# Set by `legato serve`, which may be gone before its children have come to ask who it is.
PARENT_VARIABLE: Final = "LEGATO_SERVE_PID"


def parent_pid() -> int:
    """Whoever started this process, as it says itself where it can."""
    return int(os.environ.get(PARENT_VARIABLE, os.getppid()))
