"""Running a program: bounded in time, heard to its last words, and never left behind."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from legato.errors import Unavailable
from legato.transcode.ffmpeg_binary import FfmpegBinary
from legato.transcode.process import FfmpegFailedError, Running, StallWatch, run

LONG_S = 20
ENDLESS = ["sleep", "1000"]
MORE_THAN_A_PIPE = bytes(1 << 24)


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def test_a_command_gives_its_output_and_its_words() -> None:
    done = run(shell("echo out; echo err >&2"), timeout_s=LONG_S)
    assert (done.stdout, done.stderr) == (b"out\n", "err\n")


def test_a_command_that_fails_tells_its_status_and_its_last_words() -> None:
    with pytest.raises(FfmpegFailedError, match="/bin/sh ended with 3: no such codec") as caught:
        run(shell("echo no such codec >&2; exit 3"), timeout_s=LONG_S)
    assert (caught.value.status, caught.value.said) == (3, "no such codec\n")


def test_a_command_that_takes_too_long_is_ended() -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="ended by SIGKILL") as caught:
        run(ENDLESS, timeout_s=0.2)
    assert caught.value.code == "ffmpeg_killed"
    assert 0.2 <= time.monotonic() - begun < LONG_S


def test_a_process_that_moves_nothing_is_killed_and_its_reader_is_let_go() -> None:
    script = shell("echo begun; echo stuck >&2; kill -STOP $$")
    with Running(script) as process, StallWatch(1, [process]):
        assert b"".join(process.blocks()) == b"begun\n"
        with pytest.raises(Unavailable, match="ended by SIGKILL"):
            process.finish()
        assert process.said() == "stuck\n"


def test_a_writer_to_a_stalled_process_is_let_go() -> None:
    with (
        Running(ENDLESS, feed=True) as process,
        StallWatch(0.3, [process]),
        pytest.raises(Unavailable),
    ):
        process.write(MORE_THAN_A_PIPE)


def test_a_process_that_keeps_moving_is_not_killed_however_long_it_takes() -> None:
    end = time.monotonic() + 1
    with Running(["yes"]) as process, StallWatch(0.3, [process]) as watch:
        while time.monotonic() < end:
            assert next(process.blocks())
            watch.moved()


def test_an_error_inside_the_context_ends_the_process_too() -> None:
    pids: list[int] = []

    def fail() -> None:
        with Running(shell("echo $$; kill -STOP $$")) as process:
            pids.append(int(next(process.blocks())))
            assert alive(pids[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not alive(pids[0])


def test_leaving_does_not_wait_for_output_that_nobody_reads() -> None:
    begun = time.monotonic()
    with Running(["yes"]) as process:
        next(process.blocks())
    assert time.monotonic() - begun < LONG_S


def test_the_end_of_many_words_is_kept_and_the_beginning_is_not() -> None:
    script = shell(f"chatter={'chatter' * 9000}; echo $chatter the reason >&2; exit 1")
    with pytest.raises(FfmpegFailedError) as caught:
        run(script, timeout_s=LONG_S)
    assert caught.value.said.endswith("chatter the reason\n")
    assert len(caught.value.said) == 4096


def test_words_that_are_no_text_are_kept_as_well_as_can_be() -> None:
    done = run(shell(r"printf '\377\376 done' >&2"), timeout_s=LONG_S)
    assert done.stderr.endswith(" done")


def test_much_output_on_both_pipes_does_not_deadlock() -> None:
    line = "l" * 32_767
    script = shell(f"for i in {'x ' * 64}; do echo {line}; echo {line} >&2; done")
    done = run(script, timeout_s=LONG_S)
    assert len(done.stdout) == len(done.stderr) == 64 * 32_768


def test_what_is_fed_arrives_whole(tmp_path: Path, ffmpeg: FfmpegBinary) -> None:
    body = os.urandom(3 << 20)
    path = tmp_path / "copy"
    raw = ["-f", "s16le", "-ac", "1"]
    with Running([ffmpeg.path, *raw, "-i", "pipe:0", *raw, "-y", f"file:{path}"], feed=True) as (
        process
    ):
        for start in range(0, len(body), 1 << 18):
            process.write(body[start : start + (1 << 18)])
        process.close_input()
        process.finish()
    assert path.read_bytes() == body


def test_feeding_a_process_that_is_gone_tells_why_it_went() -> None:
    script = shell("echo disk full >&2; exit 5")
    with (
        Running(script, feed=True) as process,
        pytest.raises(FfmpegFailedError, match="disk full"),
    ):
        process.write(MORE_THAN_A_PIPE)


def test_feeding_a_process_that_ended_well_too_early_is_a_failure() -> None:
    with (
        Running(["true"], feed=True) as process,
        pytest.raises(FfmpegFailedError, match="it stopped reading"),
    ):
        process.write(MORE_THAN_A_PIPE)


def test_a_process_that_crashes_has_failed_and_was_not_killed() -> None:
    with pytest.raises(FfmpegFailedError) as caught:
        run(shell("kill -SEGV $$"), timeout_s=LONG_S)
    assert caught.value.status == -11


def test_a_full_disk_is_no_failure_of_the_command() -> None:
    words = "av_interleaved_write_frame(): No space left on device"
    with pytest.raises(Unavailable) as caught:
        run(shell(f"echo '{words}' >&2; exit 1"), timeout_s=LONG_S)
    assert caught.value.code == "no_space"


@pytest.mark.parametrize("program", ["/no/such/ffmpeg", "/etc/passwd", "/etc"])
def test_a_program_that_cannot_be_started_is_unavailable(program: str) -> None:
    with pytest.raises(Unavailable, match=program) as caught:
        run([program], timeout_s=LONG_S)
    assert caught.value.code == "no_ffmpeg"


def test_a_process_hears_nothing_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGATO_SIGNING_KEYS", "k1:secret")
    assert b"secret" not in run(["env"], timeout_s=LONG_S).stdout


def test_a_process_has_a_group_of_its_own() -> None:
    ours = subprocess.run(["ps", "-o", "pgid=", "-p", str(os.getpid())], capture_output=True,
                          check=True).stdout  # fmt: skip
    with Running(shell("echo $$; kill -STOP $$")) as process:
        pid = int(next(process.blocks()))
        assert os.getpgid(pid) == pid != int(ours)
