"""Whatever image comes, what goes out are squares of its pixels and nothing else."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageCms

from legato.errors import BadInput
from legato.ingest.covers import SIZES, Covers, make_covers
from tests.tags.bombs import png, webp

RED, BLUE, WHITE = (254, 0, 0), (0, 0, 254), (255, 255, 255)


def stripes(mode: str = "RGB", width: int = 900, height: int = 600) -> Image.Image:
    """Blue, with red in the square of the middle."""
    image = Image.new("RGB", (width, height), BLUE)
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    image.paste(RED, (left, top, left + side, top + side))
    return image.convert(mode)


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def opened(covers: Covers, size: int) -> Image.Image:
    return Image.open(io.BytesIO(covers[size]))


def near(found: Any, expected: tuple[int, int, int], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("width", "height"), [(900, 600), (600, 900), (601, 600)])
def test_the_square_in_the_middle_is_taken(form: str, width: int, height: int) -> None:
    covers = make_covers(saved(stripes(width=width, height=height), form))

    assert tuple(covers) == (600, 300, 100)
    for size in covers:
        square = opened(covers, size)
        assert (square.format, square.mode, square.size) == ("JPEG", "RGB", (size, size))
        for at in ((5, 5), (size - 6, size - 6), (size // 2, size // 2)):
            assert near(square.getpixel(at), RED, by=30), (size, at)


@pytest.mark.parametrize(
    ("side", "sizes"),
    [(100, (100,)), (299, (100,)), (599, (300, 100)), (1499, (600, 300, 100)), (2400, SIZES)],
)
def test_no_square_is_larger_than_its_image(side: int, sizes: tuple[int, ...]) -> None:
    assert tuple(make_covers(saved(Image.new("RGB", (side, side + 10), RED)))) == sizes


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_any_kind_of_pixels_becomes_rgb(mode: str) -> None:
    grey = Image.new("L", (120, 120), 255)
    image = Image.new("I;16", (120, 120), 65_535) if mode == "I;16" else grey.convert(mode)
    covers = make_covers(saved(image, "JPEG" if mode == "CMYK" else "PNG"))

    assert near(opened(covers, 100).getpixel((50, 50)), WHITE)


def test_what_is_transparent_shows_white() -> None:
    clear = Image.new("RGBA", (300, 300), (255, 0, 0, 0))

    assert near(opened(make_covers(saved(clear)), 300).getpixel((9, 9)), WHITE)


def test_a_photograph_stands_upright() -> None:
    """EXIF's orientation 6: its top is at its right."""
    image = Image.new("RGB", (300, 300), BLUE)
    image.paste(RED, (0, 0, 300, 150))
    exif = Image.Exif()
    exif[0x0112] = 6
    square = opened(make_covers(saved(image, "JPEG", exif=exif)), 300)

    assert near(square.getpixel((290, 150)), RED, by=30)
    assert near(square.getpixel((10, 150)), BLUE, by=30)


def test_colours_are_those_that_the_profile_means() -> None:
    """A profile in which red and blue are exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = (
        profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    )
    image = Image.new("RGB", (100, 100), (255, 0, 0))

    meant = opened(make_covers(saved(image, icc_profile=exchanged)), 100).getpixel((50, 50))
    broken = opened(make_covers(saved(image, icc_profile=b"no profile")), 100).getpixel((50, 50))

    assert near(meant, BLUE)
    assert near(broken, RED)


def test_nothing_but_pixels_goes_out() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    image = saved(
        stripes(), "JPEG", exif=exif, comment=b"a secret", dpi=(300, 300),
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )  # fmt: skip
    told = (b"taken at home", b"a secret", b"Exif", b"ICC_PROFILE", b"Adobe")
    for jpeg in make_covers(image).values():
        assert [text for text in told if text in jpeg] == []


def test_the_smaller_squares_are_a_function_of_the_largest() -> None:
    covers = make_covers(saved(stripes(), "PNG"))
    again = make_covers(saved(stripes(), "WEBP", lossless=True))

    assert again == covers


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (b"", "artwork_unreadable"),
        (b"no image at all", "artwork_unreadable"),
        (b"\x89PNG\r\n\x1a\n", "artwork_unreadable"),
        (saved(stripes())[:600], "artwork_unreadable"),
        (saved(Image.new("RGB", (300, 300)), "GIF"), "artwork_unreadable"),
        (saved(Image.new("RGB", (300, 300)), "TIFF"), "artwork_unreadable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "artwork_unreadable"),
        (saved(Image.new("RGB", (99, 4000))), "artwork_too_small"),
    ],
    ids=["empty", "prose", "header", "cut", "gif", "tiff", "eps", "small"],
)
def test_what_is_no_cover_is_refused(image: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        make_covers(image)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "make",
    [lambda: png(30_000, 30_000), lambda: webp(16_383, 16_383), lambda: bytes((20 << 20) + 1)],
    ids=["png", "webp", "bytes"],
)
def test_a_bomb_is_refused_before_a_pixel_is_decoded(make: Callable[[], bytes]) -> None:
    with pytest.raises(BadInput) as refused:
        make_covers(make())

    assert refused.value.code == "artwork_too_large"
