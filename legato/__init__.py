"""legato: the audio path of a music streaming service."""

import os

__version__ = "0.1.0"

# numpy's matrix products are small here: threads for them would spin longer than they work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
