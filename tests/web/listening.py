"""The page in a real browser, and what a listener would notice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.running import RunningServer, wait_until

# Counts what interrupts: the element waits for data, or hls.js finds it stalled.
_COUNT_STALLS = """() => {
  window.stalls = [];
  const note = () => stalls.push(`waiting at ${legato.audio.currentTime}`);
  legato.audio.addEventListener('waiting', note);
  legato.hls?.on('hlsError', (_, data) => stalls.push(data.details));
}"""


@contextmanager
def open_page(
    browser: Browser, server: RunningServer, *, tolerate: str | None = None
) -> Iterator[Page]:
    """The page with its key; whatever it complains of fails the test, but for one address."""
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def hear(line: ConsoleMessage) -> None:
        expected = tolerate is not None and tolerate in line.location["url"]
        if line.type == "error" and not expected:
            complaints.append(line.text)

    page.on("console", hear)
    page.goto(f"{server.url}/#key={server.api_key}")
    page.get_by_test_id("track").first.wait_for()
    yield page
    context.close()
    assert complaints == []


def play(page: Page, track_id: str) -> None:
    """Press play on a track and wait until it is heard."""
    page.locator(f"[data-track-id='{track_id}']").get_by_test_id("track-play").click()
    page.wait_for_selector(f"html[data-player=playing][data-track='{track_id}']")
    page.evaluate(_COUNT_STALLS)


def listen_until(page: Page, seconds: float) -> dict[str, Any]:
    """Listen in real time up to a position; answers what was noticed on the way."""
    over = f"() => legato.audio.currentTime >= {seconds} || stalls.length > 0"
    wait_until(lambda: page.evaluate(over), seconds + 20)  # the page's policy forbids eval
    noticed: dict[str, Any] = page.evaluate(
        """() => ({
          time: legato.audio.currentTime,
          duration: legato.audio.duration,
          stalls,
          ranges: legato.audio.buffered.length,
          start: legato.audio.buffered.start(0),
          chunk: Number(document.documentElement.dataset.chunk),
          rendition: document.documentElement.dataset.rendition,
        })"""
    )
    return noticed
