"""One CDN is away: the page goes on at the next."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from tests.running import RunningServer, free_port
from tests.web.listening import listen_until, open_page, play


def test_a_player_falls_back_to_the_next_address(
    browser: Browser, edge_case: Callable[[str], Path], tmp_path: Path
) -> None:
    away, port = free_port(), free_port()
    urls = f"http://127.0.0.1:{away} 1, http://127.0.0.1:{port} 0"
    with RunningServer(tmp_path / "data", {"LEGATO_PUBLIC_URL": urls}, port=port) as server:
        track = server.ready_track(edge_case("stereo-48000.flac"), title="Two addresses")
        with open_page(browser, server, tolerate=f":{away}/") as page:
            play(page, track.track_id)

            noticed = listen_until(page, 1.0)

            assert noticed["time"] >= 1.0
            assert f":{port}/" in page.evaluate("legato.player.grant.baseUrl")
