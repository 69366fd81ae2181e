"""How well fingerprints tell performances apart, on the album and on real music.

python -m bench.fingerprints    about six minutes; writes docs/figures/fingerprints.md
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

from bench.figures import table, write_figures
from fixtures.album import write_album
from fixtures.real_music import real_music
from legato.ingest.chromaprint import Words, read_words
from legato.ingest.likeness import ALIKE, MOST_TERMS, kept_terms, likeness, terms
from legato.transcode.ffmpeg_binary import find_ffmpeg
from tests.conftest import ALBUM
from tests.fingerprint.masters import LOSSY, MASTERINGS, remaster

ALL_OF_IT_S = 1e9
LEAST_SHARED = 2
LONG_WORDS = 140
SPEEDS = {"0.5% faster (not claimed)": ("-af", "asetrate=44100*1.005,aresample=44100")}
HEADER = ["the other master", "agreement, least", "median", "shared terms, least", "found"]


def main() -> None:
    ffmpeg = find_ffmpeg().path
    pieces = {
        path: _words(ffmpeg, path) for path in [*write_album(ALBUM), *real_music(ALL_OF_IT_S)]
    }
    pieces = {path: words for path, words in pieces.items() if len(words) >= LONG_WORDS}
    masterings = {**MASTERINGS, **LOSSY, **SPEEDS}
    rows = [_row(ffmpeg, name, options, pieces) for name, options in masterings.items()]
    write_figures(
        "fingerprints",
        title="Fingerprints: the same performance, and others",
        command="python -m bench.fingerprints",
        paragraphs=[_preface(len(pieces)), table(HEADER, rows), _apart(list(pieces.values()))],
    )


def _preface(pieces: int) -> str:
    return (
        f"{pieces} pieces of 20 s and more: the fixture album and Debian's supertux-data. "
        "Agreement is the share of bits that are equal at the best alignment; 0.5 is chance, and "
        f"from {ALIKE} on a review is entered. A recording is found by {MOST_TERMS} terms; "
        f"{LEAST_SHARED} shared ones make it worth comparing."
    )


def _words(ffmpeg: str, path: Path) -> Words:
    found = read_words(ffmpeg, path)
    assert found is not None, "this ffmpeg makes no fingerprints"
    return found


def _row(
    ffmpeg: str, name: str, options: tuple[str, ...], pieces: Mapping[Path, Words]
) -> list[str]:
    others = list(_remastered(ffmpeg, options, list(pieces)))
    pairs = list(zip(pieces.values(), others, strict=True))
    agreement = [likeness(one, other) or 0 for one, other in pairs]
    shared = [len(set(kept_terms(one)) & set(terms(other))) for one, other in pairs]
    both = zip(agreement, shared, strict=True)
    found = sum(share >= ALIKE and count >= LEAST_SHARED for share, count in both)
    return [
        name, f"{min(agreement):.3f}", f"{median(agreement):.3f}", str(min(shared)),
        f"{found} of {len(pairs)}",
    ]  # fmt: skip


def _remastered(ffmpeg: str, options: tuple[str, ...], pieces: list[Path]) -> Iterator[Words]:
    with TemporaryDirectory() as folder, ThreadPoolExecutor(2) as executor:

        def make(number: int) -> Words:
            return _words(ffmpeg, remaster(pieces[number], Path(folder) / str(number), options))

        yield from executor.map(make, range(len(pieces)))


def _apart(pieces: list[Words]) -> str:
    """Of different pieces: none may agree."""
    pairs = list(combinations(pieces, 2))
    agreement = sorted(likeness(one, other) or 0 for one, other in pairs)
    shared = [len(set(kept_terms(one)) & set(terms(other))) for one, other in pairs]
    compared = sum(count >= LEAST_SHARED for count in shared) / len(pairs)
    return (
        f"Of {len(pairs)} pairs of different pieces none agrees in more than "
        f"{agreement[-1]:.3f} (the next: {agreement[-2]:.3f}; median {median(agreement):.3f}). "
        f"They share {mean(shared):.3f} terms; {compared:.2%} of them would be compared."
    )


if __name__ == "__main__":
    main()
