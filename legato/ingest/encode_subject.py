"""What an encode job is about: a recording, at this revision of the ladder."""

from legato.catalog import jobs
from legato.transcode.ladder import LADDER


def encode_subject(audio_id: str) -> str:
    return jobs.encode_subject(LADDER.revision, audio_id)


def audio_id_of(encode_subject: str) -> str:
    """The recording that an encode job is about."""
    return encode_subject.rpartition("/")[2]
