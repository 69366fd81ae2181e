"""Take the README's picture: the page, playing the fixture album, in headless Chromium.

python tools/picture.py     writes docs/images/page.png
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "page.png"
PORT = "8765"


def main() -> None:
    with TemporaryDirectory() as data:
        environment = {**os.environ, "LEGATO_DATA": data}
        legato = [sys.executable, "-m", "legato"]
        album = ROOT / "fixtures" / "album"
        subprocess.run([sys.executable, "-m", "fixtures.album", str(album)], check=True, cwd=ROOT)
        subprocess.run([*legato, "ingest", str(album)], check=True, env=environment)
        server = subprocess.Popen(
            [*legato, "serve", "--port", PORT], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            photograph(server.stdout.readline().split()[-1])
        finally:
            server.terminate()
            server.wait()


def photograph(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        page = browser.new_page(viewport={"width": 1180, "height": 820})
        page.goto(address, wait_until="load")
        page.get_by_test_id("track-play").nth(1).click()
        page.wait_for_selector("html[data-player=playing]")
        page.wait_for_selector("html[data-chunk='2']", timeout=30_000)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
