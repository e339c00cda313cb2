import asyncio
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from simcord.preview._media import MAX_QUEUE, MediaError

from bot.local.posters import (
    HEIGHT,
    WIDTH,
    StandInPictures,
    TrustingWorker,
    draw_avatar,
    draw_poster,
)
from recsys.catalog import Anime

MONSTER = Anime(id=19, title="Monster", type="TV", year=2004, franchise=19)


def pixels(png):
    with Image.open(io.BytesIO(png)) as image:
        return image.size, image.convert("RGB").tobytes()


def test_the_same_anime_gives_the_same_bytes():
    assert draw_poster(MONSTER) == draw_poster(MONSTER)


def test_a_poster_shows_the_title():
    size, drawn = pixels(draw_poster(MONSTER))
    _, blank = pixels(draw_poster(Anime(id=19, title=" ", type="TV", year=2004, franchise=19)))
    assert size == (WIDTH, HEIGHT)
    assert drawn != blank


def test_entries_of_one_franchise_have_one_colour():
    first, second = (
        pixels(draw_poster(Anime(id=number, title=" ", type="", franchise=1))) for number in (1, 2)
    )
    other = pixels(draw_poster(Anime(id=3, title=" ", type="", franchise=3)))
    assert first == second != other


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=500))
def test_any_title_can_be_drawn(title):
    assert pixels(draw_poster(Anime(id=1, title=title)))[0] == (WIDTH, HEIGHT)


def test_a_picture_is_found_by_the_address_that_a_card_names_and_by_no_other():
    avatar = ("aki.png", draw_avatar("Aki"))
    pictures = StandInPictures({"https://posters/19": MONSTER}, {"https://avatars/aki": avatar})
    assert pictures.get("https://posters/19") == ("19.png", draw_poster(MONSTER))
    assert pictures.get("https://avatars/aki") == avatar
    assert pictures.get("https://posters/20") is None


async def test_more_posters_at_once_than_the_previews_own_queue_takes_are_all_shown():
    worker = TrustingWorker()
    posters = [draw_poster(Anime(id=n, title=str(n))) for n in range(MAX_QUEUE * 3)]
    found = await asyncio.gather(*(worker.validate(str(n), png) for n, png in enumerate(posters)))
    assert [info.normalized for info in found] == posters
    assert {(info.width, info.height) for info in found} == {(WIDTH, HEIGHT)}
    await worker.close()


async def test_what_is_not_a_png_is_still_checked_by_the_preview():
    worker = TrustingWorker()
    with pytest.raises(MediaError):
        await worker.validate("x", b"<html>not a picture")
    await worker.close()
