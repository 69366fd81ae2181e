"""What people call the containers and codecs that ffmpeg names, and how files of them are named."""

from pathlib import PurePath
from typing import Final

CONTAINERS: Final = {
    "aac": "AAC",
    "aiff": "AIFF",
    "caf": "CAF",
    "flac": "FLAC",
    "mov": "MP4",
    "mp3": "MP3",
    "ogg": "Ogg",
    "w64": "Wave64",
    "wav": "WAV",
    "wv": "WavPack",
}
CODECS: Final = {"mp3": "MP3", "aac": "AAC", "vorbis": "Ogg Vorbis", "opus": "Opus"}
_ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "aac": (".aac", ".adts"),
    "aiff": (".aif", ".aiff", ".aifc"),
    "caf": (".caf",),
    "flac": (".flac", ".fla"),
    "mov": (".m4a", ".mp4", ".m4b", ".alac", ".mov"),
    "mp3": (".mp3",),
    "ogg": (".ogg", ".oga", ".opus"),
    "w64": (".w64",),
    "wav": (".wav", ".wave", ".bwf", ".rf64"),
    "wv": (".wv",),
}
_CONTAINER_OF: Final = {ending: name for name, endings in _ENDINGS.items() for ending in endings}


def misnamed(file_name: str, container: str) -> str | None:
    """The ending of a name that belongs to another container; None where it says nothing."""
    ending = PurePath(file_name).suffix.lower()
    return ending if _CONTAINER_OF.get(ending, container) != container else None
