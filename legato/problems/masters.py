"""Codes of masters that cannot be used, and of work on them that could not be done."""

from typing import Final

from legato.problems.problem import LATER, MASTER, OPERATOR, Problem

_GATE: Final = "send the master that it was made from; docs/quality-gate.md has the limits"

MASTERS: Final = {
    "empty": Problem(400, "The file is empty", "send the master"),
    "not_audio": Problem(400, "This is no audio that is taken here", "send FLAC or WAV"),
    "codec": Problem(
        400, "The audio is in a codec that is not taken here", "send FLAC, or WAV with PCM"
    ),
    "rate_out_of_range": Problem(400, "No sample rate is like this", MASTER),
    "md5_mismatch": Problem(400, "The FLAC is not what its own checksum says", MASTER),
    "impossible_samples": Problem(400, "Samples are no sound at all", MASTER),
    "lossy": Problem(400, "The profile takes no lossy masters", _GATE),
    "sample_rate": Problem(400, "The sample rate is below what the profile takes", _GATE),
    "bit_depth": Problem(400, "The samples are narrower than the profile takes", _GATE),
    "too_costly": Problem(400, "It takes far more computing than its length explains", MASTER),
    "no_audio": Problem(400, "There is no sound in the file", "send the master"),
    "channel_layout": Problem(400, "The channels are laid out in no known way", "send stereo"),
    "damaged": Problem(400, "The audio is damaged", MASTER),
    "truncated": Problem(400, "The file ends too early", MASTER),
    "silent": Problem(400, "All of it is digital silence", "send the master"),
    "too_short": Problem(400, "Shorter than is taken here", "send the whole recording"),
    "too_long": Problem(400, "Longer than is taken here", "send one recording a file"),
}

WORK: Final = {
    "decode_failed": Problem(500, "A decoder failed", OPERATOR),
    "encode_failed": Problem(500, "An encoder failed", OPERATOR),
    "master_changed": Problem(
        500, "The master is not what it was when it was identified", OPERATOR
    ),
    "no_master": Problem(500, "The master is not in the catalogue", OPERATOR),
    "renditions_apart": Problem(500, "Renditions do not line up with each other", OPERATOR),
    "renditions_differ": Problem(500, "Renditions are not of one length", OPERATOR),
    "ffmpeg_killed": Problem(503, "An ffmpeg was killed", LATER),
    "no_ffmpeg": Problem(
        503, "There is no ffmpeg that will do", "`legato doctor` says what mends it"
    ),
    "fpcalc_failed": Problem(503, "No fingerprint could be made", LATER),
    "file_unavailable": Problem(503, "A file on this machine cannot be read", OPERATOR),
    "being_collected": Problem(503, "What was sent cannot be taken in just now", LATER),
    "hold_lost": Problem(503, "It took too long, and somebody else may have it", LATER),
    "no_space": Problem(503, "The disk is full", "make room"),
    "worker_died": Problem(500, "Worker after worker died at this work", OPERATOR),
}
