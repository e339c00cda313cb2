"""Stand-in posters: the local bot's simulated Discord cannot fetch pictures, so they are drawn.

simcord's preview shows a remote picture only when its bytes were handed over beforehand, and sends
every picture through a child process that checks it. 19,000 posters cannot all be drawn
beforehand, and a few lists of picks overflow the child's queue. The two classes here take the place
of simcord's own at those two points, and work when a picture is asked for.
"""

from __future__ import annotations

import colorsys
import hashlib
import io
import re
import textwrap
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import simcord.preview
from PIL import Image, ImageDraw, ImageFont
from simcord.preview._media import MediaInfo, MediaWorker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recsys.catalog import Anime

Default = TypeVar("Default")

# Pixels; the proportions of a poster. A card's thumbnail shows the square in the middle, small.
WIDTH, HEIGHT = 230, 326
MARGIN: Final = 10  # pixels on either side of the title
SIZES: Final = (46, 38, 32, 27, 23, 20)  # of the title's letters, in pixels
KEPT: Final = 512  # drawn pictures in memory, a few KB each

# The preview's own fonts. That for Chinese and Japanese has Latin letters and symbols too, but
# every size of it that is open takes up to 18 MB, so it is closed when a poster is drawn.
FONTS: Final = Path(simcord.preview.__file__).parent / "static" / "fonts"
LATIN: Final = "noto-sans-latin-v2.015.ttf"
ANY: Final = "noto-sans-sc-v2.004.ttf"
_IN_LATIN: Final = re.compile("[\u0020-\u024f\u2010-\u2026]*")


def draw_poster(anime: Anime) -> bytes:
    """Draw a poster that names the anime, as PNG; the same anime gives the same bytes.

    The colour belongs to the franchise, so that entries that belong together look alike.
    """
    hue = _hue(anime.franchise or anime.id)
    image, draw = _shaded(WIDTH, HEIGHT, hue)
    lines, size = _fit(anime.title)
    draw.multiline_text(
        (WIDTH / 2, HEIGHT / 2),
        "\n".join(lines),
        font=_font(size, anime.title),
        fill="white",
        anchor="mm",
        align="center",
        spacing=size // 6,
    )
    facts = " · ".join(str(fact) for fact in (anime.type, anime.year) if fact)
    draw.text(
        (WIDTH / 2, HEIGHT - 18), facts, font=_font(17, facts), fill=_colour(hue, 1), anchor="ms"
    )
    return _png(image)


def draw_avatar(name: str) -> bytes:
    """Draw somebody's initial, as PNG."""
    image, draw = _shaded(128, 128, _hue(name))
    draw.text((64, 64), name[:1].upper(), font=_font(72, name), fill="white", anchor="mm")
    return _png(image)


def _hue(key: object) -> float:
    digest = hashlib.blake2s(str(key).encode()).digest()
    return int.from_bytes(digest[:2], "big") / 65536


def _colour(hue: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.5, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _shaded(width: int, height: int, hue: float) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A picture that darkens from top to bottom, and the pen for it."""
    size = (width, height)
    image = Image.composite(
        Image.new("RGB", size, _colour(hue, 0.3)),
        Image.new("RGB", size, _colour(hue, 0.6)),
        Image.linear_gradient("L").resize(size),
    )
    return image, ImageDraw.Draw(image)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def _font(size: int, text: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The lightest font that has all letters of a text."""
    return _latin(size) if _IN_LATIN.fullmatch(text) else _any(size)


@lru_cache
def _latin(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    # Weight and width.
    return _opened(LATIN, size, [600, 100])


@lru_cache(1)
def _any(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return _opened(ANY, size, [600])


def _opened(
    name: str, size: int, axes: list[float]
) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        # The basic layout: the other one fails on control characters, and is not on every system.
        font = ImageFont.truetype(FONTS / name, size, layout_engine=ImageFont.Layout.BASIC)
        font.set_variation_by_axes(axes)  # by default it is too thin for a picture
    except OSError:  # another version of the preview, with other fonts
        return ImageFont.load_default(size)
    return font


def _fit(title: str) -> tuple[list[str], int]:
    """Break a title into lines at the largest size that fits; a very long one is cut short."""
    for size in SIZES:
        lines = _wrap(title, size)
        whole_words = " ".join(lines).split() == title.split()
        if whole_words and len(lines) <= _most_lines(size):
            return lines, size
    size = SIZES[-1]
    lines, most = _wrap(title, size), _most_lines(size)
    return (lines if len(lines) <= most else [*lines[: most - 1], "…"]), size


def _most_lines(size: int) -> int:
    return int(WIDTH / (size * 1.35))  # in the square that a thumbnail shows


def _wrap(title: str, size: int) -> list[str]:
    """Break between words, and inside a word only where it is wider than the poster."""
    font = _font(size, title)
    lines = [title]
    for columns in range(30, 2, -1):
        lines = textwrap.wrap(title, columns, break_on_hyphens=False) or [title]
        if all(font.getlength(line) <= WIDTH - 2 * MARGIN for line in lines):
            break
    return lines


class StandInPictures(dict[str, tuple[str, bytes]]):
    """Takes the place of the preview's table from address to (file name, bytes), and draws.

    Args:
        anime_at: the anime whose poster an address shows, for every address that cards use.
        given: the pictures that are not posters, by address.
    """

    def __init__(
        self, anime_at: Mapping[str, Anime], given: Mapping[str, tuple[str, bytes]]
    ) -> None:
        super().__init__(given)
        self._anime_at = anime_at
        # Same bytes for the same address: the preview compares their hash between two readings.
        self._draw = lru_cache(KEPT)(draw_poster)

    def get(self, key: str, default: Default = None) -> tuple[str, bytes] | Default:
        """The picture at an address: given, drawn, or the default."""
        anime = self._anime_at.get(key)
        if anime is None:
            return super().get(key, default)
        return f"{anime.id}.png", self._draw(anime)


class TrustingWorker(MediaWorker):
    """Takes the place of the preview's media worker, for pictures that are all our own.

    simcord's decodes each picture in a new process, which takes a third of a second, and refuses a
    ninth in the queue, which a page with two lists of picks would show as a box with an error.
    """

    async def validate(
        self, key: str, blob: bytes, *, media_time: float | None = None
    ) -> MediaInfo:
        """Describe a PNG at once; hand anything else to simcord's worker."""
        if not blob.startswith(b"\x89PNG"):
            return await super().validate(key, blob, media_time=media_time)
        with Image.open(io.BytesIO(blob)) as image:
            width, height = image.size
        return MediaInfo(
            format="PNG",
            width=width,
            height=height,
            frames=1,
            decoded_bytes=width * height * 4,
            normalized=blob,
            content_type="image/png",
            capture=blob,
            poster=blob,
            memory_limited=True,  # no process was needed, so none went without a limit
        )
