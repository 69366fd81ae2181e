"""The command lines that hear a master's beginning, word for word."""

from pathlib import Path

from legato.transcode import commands

MASTER = Path("/data/masters/ab/abcd")
QUIET = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "error"]


def guards(command: list[str]) -> set[str]:
    """What stands before the input: which formats, codecs and protocols may be opened."""
    return set(command[: command.index("-i")]) - {"-t", "120"}


def test_fingerprinting() -> None:
    command = commands.fingerprint("ffmpeg", MASTER, length_s=120)
    opened = command.index("-i")

    assert command[opened - 2 :] == [
        "-t", "120", "-i", f"file:{MASTER}",
        "-f", "chromaprint", "-ac", "2", "-algorithm", "1", "-fp_format", "raw", "-map", "0:a:0",
        "pipe:1", *QUIET,
    ]  # fmt: skip


def test_decoding_the_beginning() -> None:
    command = commands.decode_beginning("ffmpeg", MASTER, length_s=120, rate_hz=11_025)
    opened = command.index("-i")

    assert command[opened - 2 :] == [
        "-t", "120", "-i", f"file:{MASTER}",
        "-f", "s16le", "-ac", "1", "-ar", "11025", "-map", "0:a:0", "pipe:1", *QUIET,
    ]  # fmt: skip


def test_both_open_a_master_as_every_other_command_does() -> None:
    expected = guards(commands.hash_packets("ffmpeg", MASTER))

    assert "-protocol_whitelist" in expected
    assert guards(commands.fingerprint("ffmpeg", MASTER, length_s=120)) == expected
    assert guards(commands.decode_beginning("ffmpeg", MASTER, length_s=120, rate_hz=1)) == expected
