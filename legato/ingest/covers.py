"""An image into square JPEGs: `python -m legato.ingest.covers [MASTER]` writes them to stdout.

Decoders are C, and images unpack a thousandfold: this runs in a process apart
(legato/ingest/apart.py). What goes out are pixels alone: no EXIF, no comment, no profile.
"""

import io
import json
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from PIL import Image, ImageCms, ImageOps

from legato.errors import BadInput
from legato.ingest.apart import bound_this_process
from legato.ingest.tag_formats.parse import parse_front_cover

# Sides of the squares, largest first; none is larger than the image that it is made from.
SIZES: Final = (1500, 600, 300, 100)
MOST_BYTES: Final = 20 << 20
# 6,000 by 6,000: larger than any service asks for, and 150 MB decoded.
MOST_PIXELS: Final = 36_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_QUALITY: Final = 88
_WHITE: Final = (255, 255, 255)
# A shrunken image is as good, and done in a tenth of the time, if first every so manieth pixel's
# neighbours are averaged.
_REDUCING_GAP: Final = 3.0

Covers = Mapping[int, bytes]


def make_covers(image: bytes) -> Covers:
    """Square JPEGs by their sides, largest first: centred, upright, sRGB, on white.

    Smaller ones are made from the largest, so the hash of that says which all of them are.
    Raises BadInput `artwork_unreadable`, `artwork_too_large`, `artwork_too_small`.
    """
    opened = _open(image)
    sizes = [size for size in SIZES if size <= min(opened.size)]
    if not sizes:
        raise BadInput(
            "artwork_too_small",
            f"artwork: found {_measures(opened)} pixels, expected at least "
            f"{SIZES[-1]} × {SIZES[-1]}",
        )
    largest = _encoded(_square(opened, sizes[0]))
    covers = {sizes[0]: largest}
    for size in sizes[1:]:
        with Image.open(io.BytesIO(largest)) as source:
            covers[size] = _encoded(_shrunk(source, size))
    return covers


def _open(image: bytes) -> Image.Image:
    """The image, its header read and no pixel of it decoded."""
    if len(image) > MOST_BYTES:
        raise BadInput(
            "artwork_too_large",
            f"artwork: found {len(image)} bytes, expected at most {MOST_BYTES}",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            opened = Image.open(io.BytesIO(image), formats=_FORMATS)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise BadInput("artwork_too_large", f"artwork: {error}") from error
        except Exception as error:
            raise _unreadable() from error
    if opened.width * opened.height > MOST_PIXELS:
        raise BadInput(
            "artwork_too_large",
            f"artwork: found {_measures(opened)} pixels, expected at most {MOST_PIXELS} in all",
        )
    return opened


def _square(opened: Image.Image, size: int) -> Image.Image:
    """The middle of an image as a square of that size, upright, opaque, in sRGB."""
    try:
        opened.draft(None, (size, size))  # a JPEG is decoded to an eighth of its size, if that does
        opened.load()
        square = _shrunk(_resizable(opened), size)
        with suppress(Exception):  # EXIF that cannot be read says nothing
            square = ImageOps.exif_transpose(square)
        return _in_srgb(_opaque(square), opened.info.get("icc_profile"))
    except (MemoryError, BadInput):
        raise
    except Exception as error:
        raise _unreadable() from error


def _resizable(image: Image.Image) -> Image.Image:
    """In a mode whose pixels can be averaged."""
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip to 8
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in ("P", "1"):
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image


def _shrunk(image: Image.Image, size: int) -> Image.Image:
    """The square in the middle; no copy is made of the rest."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.resize(
        (size, size),
        Image.Resampling.LANCZOS,
        box=(left, top, left + side, top + side),
        reducing_gap=_REDUCING_GAP,
    )


def _opaque(image: Image.Image) -> Image.Image:
    """What is transparent shows white."""
    if not image.has_transparency_data:
        return image
    over = image.convert("RGBA")
    white = Image.new("RGBA", over.size, (*_WHITE, 255))
    return Image.alpha_composite(white, over).convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """By the image's own profile; without one that fits, it is taken to be sRGB."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            if converted is not None:
                return converted
    return image.convert("RGB")


def _encoded(image: Image.Image) -> bytes:
    """A progressive JPEG of the pixels and of nothing else."""
    image.info.clear()
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY, progressive=True, optimize=True)
    return file.getvalue()


def _measures(image: Image.Image) -> str:
    return f"{image.width} × {image.height}"


def _unreadable() -> BadInput:
    return BadInput(
        "artwork_unreadable", "artwork: found no image that can be read, expected JPEG, PNG or WebP"
    )


def _main(arguments: list[str]) -> None:
    """A line of JSON, then the JPEGs that it describes."""
    bound_this_process()
    image = parse_front_cover(Path(arguments[0])) if arguments else sys.stdin.buffer.read()
    covers: Covers = {}
    described: dict[str, object]
    try:
        covers = make_covers(image or b"")
        described = {"sizes": {size: len(jpeg) for size, jpeg in covers.items()}}
    except BadInput as error:
        described = {"error": [error.code, error.message]}
    sys.stdout.buffer.write(json.dumps(described).encode() + b"\n" + b"".join(covers.values()))


if __name__ == "__main__":
    _main(sys.argv[1:])
