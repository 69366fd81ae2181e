"""legato: the audio path of a music streaming service."""

import os

# The cores are the encoders': NumPy's matrices are small, and its threads would only spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
