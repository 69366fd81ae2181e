"""The CloudFront Function, in `cloudfront.test.mjs`."""

import subprocess
from pathlib import Path


def test_the_function_holds_under_node() -> None:
    tests = Path(__file__).with_name("cloudfront.test.mjs")
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", tests],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
