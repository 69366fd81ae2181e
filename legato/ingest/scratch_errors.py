"""What the disk says where masters arrive."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from legato.errors import Unavailable

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def scratch_errors() -> Iterator[None]:
    """It is no fault of theirs: Unavailable `no_space`, `scratch_unavailable`."""
    try:
        yield
    except OSError as error:
        code = "no_space" if error.errno in _NO_ROOM else "scratch_unavailable"
        raise Unavailable(code, f"scratch folder: {error.strerror}") from error
