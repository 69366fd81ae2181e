"""The page uploads over a line that breaks, in Chromium."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.running import RunningServer, wait_until
from tests.uploads.cutting_proxy import CuttingProxy
from tests.uploads.noise import write_noise
from tests.uploads.test_clients import MB
from tests.uploads.tus import tracks_named


def test_the_page_goes_on_after_its_line_was_cut(
    browser: Browser, server: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "from-the-page.bin"
    sha256 = write_noise(file, 20 * MB)
    context = browser.new_context()
    page = context.new_page()

    with CuttingProxy(server.port, []) as line:
        page.goto(f"{line.url}/#key={server.api_key}")
        page.get_by_test_id("catalogue-summary").wait_for(state="attached")
        line.cut_after(5 * MB, 6 * MB)
        page.get_by_test_id("upload-file").set_input_files(file)
        item = page.get_by_test_id("upload-item")
        expect(item).to_have_attribute("data-state", re.compile("sending|lost"))
        expect(item).to_have_attribute("data-state", "accepted", timeout=30_000)
        assert line.cut == 2

    stored = server.data / "objects" / "masters" / sha256[:2] / sha256
    wait_until(stored.exists)
    assert len(tracks_named(server, file.name)) == 1
    context.close()


def test_an_upload_that_is_stopped_is_ended_there_too(
    browser: Browser, server: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "stopped.bin"
    write_noise(file, 20 * MB)
    context = browser.new_context()
    page = context.new_page()
    with CuttingProxy(server.port, [], bytes_per_s=5 * MB) as line:
        page.goto(f"{line.url}/#key={server.api_key}")
        page.get_by_test_id("upload-file").set_input_files(file)
        wait_until(lambda: under_way(server, file.name))
        page.get_by_test_id("upload-dismiss").click()

        expect(page.get_by_test_id("upload-item")).to_have_count(0)
        wait_until(lambda: not under_way(server, file.name))
    context.close()


def under_way(server: RunningServer, file_name: str) -> bool:
    listed = server.api.get("/v1/uploads").json()["uploads"]
    return any(upload["file_name"] == file_name and upload["offset"] for upload in listed)
