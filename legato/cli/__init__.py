"""The command line."""

import os

# The cores are the encoders': NumPy's matrices are small, and its threads would only spin. NumPy
# reads this when it is first imported, and so after this line.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
