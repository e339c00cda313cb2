"""Whoever reads English titles can tell the entries of a franchise apart."""

import pytest

from recsys.catalog import Anime, Catalog
from recsys.shelving.namesakes import tell_apart


def english(*anime):
    """The English titles afterwards, of entries (romaji, English, members, year)."""
    entries = [
        Anime(i + 1, title, english=name, members=members, year=year, franchise=1, order=i)
        for i, (title, name, members, year) in enumerate(anime)
    ]
    return [one.english for one in tell_apart(entries)]


@pytest.mark.parametrize(
    ("first", "later", "wanted"),
    [
        (
            ("Ansatsu Kyoushitsu", "Assassination Classroom"),
            ("Ansatsu Kyoushitsu 2nd Season", "Assassination Classroom"),
            "Assassination Classroom 2nd Season",
        ),
        (("Fairy Tail", "Fairy Tail"), ("Fairy Tail (2014)", "FAIRY TAIL"), "Fairy Tail (2014)"),
        (("Maken-Ki!", "Maken-Ki!"), ("Maken-Ki! Two", "MAKEN-KI!"), "Maken-Ki! Two"),
        (("Bakuman.", "Bakuman."), ("Bakuman. 2", "BAKUMAN"), "Bakuman. 2"),
        (("Urusei Yatsura", None), ("Urusei Yatsura", "Urusei Yatsura"), "Urusei Yatsura (2014)"),
        (("Kanon", None), ("Kanon (2006)", "Kanon"), "Kanon (2006)"),
        # Nothing but the romaji tells them apart.
        (("Shinryaku! Ika Musume", "Squid Girl"), ("Shinryaku!? Ika Musume", "Squid Girl"), None),
        (("Nana", "Nana"), ("Nanana", "Nana"), None),
        # Other names stay as they are.
        (("Gintama", "Gintama"), ("Gintama°", "Gintama Season 4"), "Gintama Season 4"),
        (("K-On!", "K-On!"), ("K-On!!", "K-ON!!"), "K-ON!!"),
    ],
)
def test_a_later_entry_is_told_from_the_first(first, later, wanted):
    assert english((*first, 900, 2009), (*later, 500, 2014)) == [first[1], wanted]


def test_a_third_is_told_from_the_second_too():
    titles = ("K", "K Part 2", "K Part 2")
    assert english(*((title, "K", 1, 2000 + i) for i, title in enumerate(titles))) == [
        *("K", "K Part 2"),
        "K (2002)",
    ]


def test_what_everybody_means_by_a_name_keeps_it():
    early = ("Jujutsu Kaisen", None, 14, None)
    assert english(early, ("Jujutsu Kaisen (TV)", "Jujutsu Kaisen", 707, 2020)) == [
        *(None, "Jujutsu Kaisen")
    ]


def test_namesakes_of_other_franchises_are_left_alone():
    entries = [
        Anime(1, "Monster", english="Monster", franchise=1),
        Anime(2, "Monstre", english="Monster", franchise=2),
    ]
    assert tell_apart(entries) == entries


def test_in_the_catalog_that_ships_nobody_is_left_to_be_told_apart():
    catalog = list(Catalog.load())
    assert tell_apart(catalog) == catalog
