"""The CloudFront Function, in `cloudfront.test.mjs`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Where there is no Node.js on the system, setup has put one beside this Python.
SEARCHED = os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])


def test_the_function_holds_under_node() -> None:
    tests = Path(__file__).with_name("cloudfront.test.mjs")
    done = subprocess.run(
        [shutil.which("node", path=SEARCHED) or "node", "--test", "--test-reporter=tap", tests],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
