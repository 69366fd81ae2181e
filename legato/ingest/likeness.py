"""How much two fingerprints agree, and the terms by which those that may are found.

Pure functions over Chromaprint's words. The thresholds are from trials (docs/reviews.md).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from legato.ingest.chromaprint import Words

# So many of the bits agree at the best alignment: the same performance, in another master.
ALIKE: Final = 0.75
# The least that is compared: 80 words, 12 s; and half of the shorter recording.
LEAST_WORDS: Final = 80
# What is heard in a drone, a test tone or silence says of no performance which it is.
_LEAST_DISTINCT: Final = 16
_SILENCE: Final = np.uint32(627_964_279)
_BITS: Final = 32
# A term is a word without its lowest 10 bits; so many are kept of a recording.
_DROPPED_BITS: Final = np.uint32(10)
MOST_TERMS: Final = 64
_GOLDEN: Final = np.uint64(0x9E37_79B9_7F4A_7C15)


def terms(words: Words) -> list[int]:
    """All that a recording may be looked for by: none where it says too little."""
    voiced = words[words != _SILENCE]
    distinct = np.unique(voiced >> _DROPPED_BITS)
    if len(voiced) < LEAST_WORDS or len(distinct) < _LEAST_DISTINCT:
        return []
    return [int(term) for term in distinct]


def kept_terms(words: Words) -> list[int]:
    """Those by which it can be found: the words that were held longest, as they change least.

    Of equally long ones, whichever a hash puts first: the same in every master.
    """
    found = np.array(terms(words), dtype=np.uint64)
    if len(found) == 0:
        return []
    held = _longest_held(words >> _DROPPED_BITS, found)
    order = np.lexsort((found * _GOLDEN, -held))
    return [int(term) for term in found[order[:MOST_TERMS]]]


def likeness(one: Words, other: Words) -> float | None:
    """The share of bits that agree where most do: 0.5 by chance, 1 for the same words.

    Silence agrees with nothing. None where too little of the two can be laid side by side.
    """
    agreeing, pairs = _correlated(one, other)
    least = max(LEAST_WORDS, min(_voiced(one), _voiced(other)) // 2)
    share = np.where(pairs >= least, agreeing / np.maximum(pairs, 1) / _BITS, 0)
    best = int(np.argmax(share))
    if share[best] == 0 or not _telling(one, other, best - len(other) + 1):
        return None
    return float(share[best])


def _correlated(one: Words, other: Words) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Agreeing bits, and pairs of voiced words, at every alignment.

    `other` is shifted by 1 - len(other), …, len(one) - 1 words. Bits count as ±1, so that their
    products add up to agreements less disagreements; all shifts at once by Fourier transforms.
    """
    lags = len(one) + len(other) - 1
    size = 1 << (lags - 1).bit_length()
    spectra = (
        np.fft.rfft(_signs(one), size, axis=0),
        np.fft.rfft(_signs(other)[::-1], size, axis=0),
    )
    products = spectra[0] * spectra[1]
    pairs = np.round(np.fft.irfft(products[:, _BITS], size)[:lags])
    surplus = np.round(np.fft.irfft(products[:, :_BITS].sum(axis=1), size)[:lags])
    return (pairs * _BITS + surplus) / 2, pairs


def _signs(words: Words) -> NDArray[np.float64]:
    """A row a word: its bits as ±1, then 1; all 0 in silence."""
    bits = (words[:, np.newaxis] >> np.arange(_BITS, dtype=np.uint32)) & 1
    signs = np.hstack([bits * 2.0 - 1.0, np.ones((len(words), 1))])
    signs[words == _SILENCE] = 0
    return signs


def _telling(one: Words, other: Words, shift: int) -> bool:
    """Whether there is enough going on where both are laid side by side."""
    start, end = max(shift, 0), min(shift + len(other), len(one))
    sides = one[start:end], other[start - shift : end - shift]
    return all(len(np.unique(side)) >= _LEAST_DISTINCT for side in sides)


def _voiced(words: Words) -> int:
    return int(np.count_nonzero(words != _SILENCE))


def _longest_held(cut: Words, distinct: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many words in a row each of these lasts, where it lasts longest."""
    starts = np.flatnonzero(np.concatenate([[True], cut[1:] != cut[:-1]]))
    lengths = np.diff(np.append(starts, len(cut)))
    held = np.zeros(len(distinct), dtype=np.int64)
    place = np.searchsorted(distinct, cut[starts])
    known = (place < len(distinct)) & (cut[starts] != _SILENCE >> _DROPPED_BITS)
    np.maximum.at(held, place[known], lengths[known])
    return held
