"""The digest of decoded samples: blocks do not matter, samples do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from legato.ingest.pcm_digest import PcmDigest, pcm_format
from legato.transcode.probe import Probe

WORDS = st.integers(-(2**31), 2**31 - 1)
# What a 24-bit file holds, so that 32-bit floats hold it too.
WORDS_24 = st.integers(-(2**23), 2**23 - 1)
FLOATS = st.floats(width=32, allow_nan=True)


def probed(sample_format: str = "s16", rate_hz: int = 44_100, layout: str = "stereo") -> Probe:
    return Probe(
        container="wav",
        codec="pcm",
        sample_rate_hz=rate_hz,
        channels={"mono": 1, "stereo": 2, "5.1": 6}[layout],
        layout=layout,
        sample_format=sample_format,
        duration_s=None,
    )


def digest_of(pcm: bytes, probe: Probe, cuts: list[int] | None = None) -> PcmDigest:
    digest = PcmDigest(probe)
    edges = [0, *sorted(cut % (len(pcm) + 1) for cut in cuts or []), len(pcm)]
    for start, end in zip(edges, edges[1:], strict=False):  # noqa: RUF007 - edges may repeat
        digest.update(pcm[start:end])
    return digest


def integers(values: list[int]) -> bytes:
    return np.array(values, dtype="<i4").tobytes()


def floats(values: NDArray[np.float64] | list[float]) -> bytes:
    return np.array(values, dtype="<f4").tobytes()


@given(st.lists(WORDS, max_size=40), st.lists(st.integers(0, 200), max_size=8))
def test_blocks_of_any_size_give_the_same_digest(values: list[int], cuts: list[int]) -> None:
    whole, cut = (digest_of(integers(values), probed(), where) for where in (None, cuts))
    assert whole.hexdigest() == cut.hexdigest()
    assert (whole.samples, whole.silent) == (cut.samples, cut.silent)
    assert whole.samples == len(values) // 2
    assert whole.silent is not any(values)


@given(st.lists(FLOATS, max_size=40), st.lists(st.integers(0, 200), max_size=8))
def test_blocks_of_any_size_give_the_same_digest_of_floats(
    values: list[float], cuts: list[int]
) -> None:
    pcm = floats(values)
    whole, cut = (digest_of(pcm, probed("flt"), where) for where in (None, cuts))
    assert whole.hexdigest() == cut.hexdigest()
    assert whole.silent is cut.silent is not any(value != 0 for value in values)


@given(st.lists(WORDS_24, max_size=40), st.lists(st.integers(0, 200), max_size=4))
def test_floats_that_hold_integers_are_those_integers(values: list[int], cuts: list[int]) -> None:
    as_integers = digest_of(integers([value << 8 for value in values]), probed("s32"))
    as_floats = digest_of(floats(np.array(values) / 2**23), probed("flt"), cuts)
    assert as_floats.hexdigest() == as_integers.hexdigest()


@given(st.lists(WORDS_24, min_size=1, max_size=20), st.data())
def test_one_float_that_is_no_integer_makes_all_of_it_floats(
    values: list[int], data: st.DataObject
) -> None:
    odd = data.draw(st.sampled_from([1.0, -1.5, 2.0**-40, float("inf"), float("nan")]))
    at = data.draw(st.integers(0, len(values) - 1))
    samples = np.array(values) / 2**23
    samples[at] = odd
    found = digest_of(floats(samples), probed("flt")).hexdigest()
    samples[at] = 0
    assert found != digest_of(floats(samples), probed("flt")).hexdigest()
    assert found == digest_of(floats([*samples[:at], odd, *samples[at + 1 :]]), probed("flt"),
                              [3, 9]).hexdigest()  # fmt: skip


def test_full_scale_down_is_an_integer_and_full_scale_up_is_not() -> None:
    down, up = (digest_of(floats([value, 0]), probed("flt")).hexdigest() for value in (-1.0, 1.0))
    assert down == digest_of(integers([-(2**31), 0]), probed()).hexdigest()
    assert up != digest_of(integers([2**31 - 1, 0]), probed()).hexdigest()


@pytest.mark.parametrize(
    "other", [probed(rate_hz=48_000), probed(layout="mono"), probed(layout="5.1")]
)
def test_rate_and_layout_are_part_of_what_is_heard(other: Probe) -> None:
    pcm = integers(list(range(12)))
    assert digest_of(pcm, probed()).hexdigest() != digest_of(pcm, other).hexdigest()


def test_the_width_of_the_master_is_not() -> None:
    pcm = integers([1 << 16, 2 << 16])
    widths = {digest_of(pcm, probed(width)).hexdigest() for width in ("u8", "s16", "s32")}
    assert len(widths) == 1


def test_the_digest_is_the_one_that_its_decision_describes() -> None:
    # docs/decisions/0003-identity.md: two header lines, then the samples; this must never change.
    found = digest_of(integers([1, -1]), probed()).hexdigest()
    assert found == "ede9074df80420de0dff9de657029829a6c931b3a352fb6447805099aaf41f35"


@pytest.mark.parametrize(
    ("sample_format", "form"),
    [("u8", "s32le"), ("s16", "s32le"), ("s32", "s32le"), ("flt", "f32le"), ("dbl", "f32le")],
)
def test_integers_are_read_as_integers_and_floats_as_floats(sample_format: str, form: str) -> None:
    assert pcm_format(probed(sample_format)) == form
