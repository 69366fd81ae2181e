"""The page that plays, in Chromium, against a real server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running import ReadyTrack, RunningServer
from tests.web.listening import listen_until, open_page, play


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("page") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def track(server: RunningServer, edge_case: Callable[[str], Path]) -> ReadyTrack:
    return server.ready_track(edge_case("same-recording.flac"), title="<b id=x>Bold</b>")


@pytest.fixture
def page(browser: Browser, server: RunningServer, track: ReadyTrack) -> Iterator[Page]:
    assert track.track_id, "the page lists a track before it is opened"
    with open_page(browser, server) as opened:
        yield opened


def test_titles_are_text_and_never_markup(page: Page) -> None:
    expect(page.get_by_test_id("track-play").first).to_contain_text("<b id=x>Bold</b>")
    assert page.locator("#x").count() == 0


def test_the_key_leaves_the_address_bar(page: Page, server: RunningServer) -> None:
    assert page.url == f"{server.url}/"


def test_a_track_plays_by_hls_with_the_masters_length(page: Page, track: ReadyTrack) -> None:
    play(page, track.track_id)
    noticed = listen_until(page, 1)
    assert noticed["rendition"].startswith("aac-")
    assert noticed["stalls"] == []
    assert abs(noticed["duration"] - track.manifest.duration_s) < 0.001


def test_a_track_plays_as_ogg_by_byte_ranges(page: Page, track: ReadyTrack) -> None:
    play(page, track.track_id)
    page.get_by_test_id("protocol-ogg").check(force=True)
    page.wait_for_selector("html[data-player=playing][data-protocol=ogg]")
    page.evaluate("() => { stalls.length = 0; }")  # it waited while the source changed
    noticed = listen_until(page, 3)
    assert noticed["rendition"].startswith("vorbis-")
    assert noticed["stalls"] == []


def test_a_rendition_that_is_chosen_is_the_one_that_plays(page: Page, track: ReadyTrack) -> None:
    play(page, track.track_id)
    page.get_by_test_id("rendition-96").check(force=True)
    page.wait_for_selector("html[data-rendition=aac-96]")


def test_an_upload_becomes_a_track_that_plays(page: Page, edge_case: Callable[[str], Path]) -> None:
    page.get_by_test_id("upload-title").fill("Six seconds")
    page.get_by_test_id("upload-file").set_input_files(edge_case("stereo-48000.flac"))
    row = page.get_by_test_id("track").filter(has_text="Six seconds")
    expect(row).to_have_attribute("data-state", "ready", timeout=30_000)
    row.get_by_test_id("track-play").click()
    page.wait_for_selector("html[data-player=playing]")


def test_a_refused_master_says_why(page: Page, edge_case: Callable[[str], Path]) -> None:
    page.get_by_test_id("upload-file").set_input_files(edge_case("silence.flac"))
    row = page.get_by_test_id("track").filter(has_text="silence")
    expect(row).to_have_attribute("data-state", "refused", timeout=30_000)
    expect(row).to_contain_text("digital silence")


def test_a_wrong_key_is_asked_for_again(browser: Browser, server: RunningServer) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/#key=lk_wrong")
    page.get_by_test_id("key-field").fill(server.api_key)
    page.get_by_test_id("key-submit").click()
    page.get_by_test_id("track").first.wait_for()
    context.close()
