"""The catalog: what is in the shipped file, and the file itself."""

import json
import lzma
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.catalog import SHIPPED, Anime, Catalog, CatalogError


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return Catalog.load()


class TestTheShippedCatalog:
    def test_has_the_anime_and_names_that_were_promised(self, shipped):
        names = sum(len({a.title, a.english, a.japanese, *a.aliases} - {None}) for a in shipped)
        assert len(shipped) >= 18_500
        assert names >= 50_000

    @pytest.mark.parametrize(
        ("anime_id", "english", "year", "season"),
        [(52991, "Frieren", 2023, "fall"), (52299, "Solo Leveling", 2024, "winter")],
    )
    def test_knows_late_titles_in_english_with_dates_and_genres(
        self, shipped, anime_id, english, year, season
    ):
        one = shipped[anime_id]
        assert one.english is not None
        assert one.english.startswith(english)
        assert (one.year, one.season) == (year, season)
        assert {"Action", "Adventure", "Fantasy"} <= set(one.genres)
        assert one.studios

    def test_gives_the_romaji_title_where_an_alias_has_it(self, shipped):
        assert shipped[52991].title == "Sousou no Frieren"
        assert shipped[59978].title == "Sousou no Frieren Season 2"

    def test_gives_back_the_name_that_one_source_cuts_short(self, shipped):
        assert shipped[48].title == ".hack//Sign"

    def test_repeats_no_name_within_an_anime_and_holds_no_blank_one(self, shipped):
        for one in shipped:
            assert one.title.strip() == one.title != ""
            assert len(set(one.aliases)) == len(one.aliases)
            assert one.title not in one.aliases
            assert "" not in one.aliases

    def test_keeps_every_field_within_its_meaning(self, shipped):
        types = {"TV", "Movie", "OVA", "ONA", "Special", "Music", "Unknown"}
        for one in shipped:
            assert one.type in types
            assert one.season in {None, "winter", "spring", "summer", "fall"}
            assert one.year is None or 1900 < one.year < 2100
            assert one.mean is None or 1 <= one.mean <= 10
            assert one.episodes is None or one.episodes > 0
            assert one.members >= 0
            assert one.adult == ("Hentai" in one.genres)
            assert one.poster is None or one.poster.startswith("/pic/")
            assert "Unknown" not in (*one.genres, *one.tags)

    def test_is_in_the_one_form_that_saving_gives(self, shipped):
        # Not the packed bytes: another version of liblzma may pack the same content otherwise.
        assert Catalog(list(shipped)).fingerprint == shipped.fingerprint


texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20)
labels = st.lists(texts, max_size=3).map(tuple)
anime = st.builds(
    Anime,
    id=st.integers(1, 10**6),
    title=texts,
    english=st.none() | texts,
    japanese=st.none() | texts,
    aliases=labels,
    type=st.sampled_from(["TV", "Movie", "Unknown"]),
    episodes=st.none() | st.integers(1, 2000),
    year=st.none() | st.integers(1917, 2030),
    season=st.none() | st.sampled_from(["winter", "fall"]),
    genres=labels,
    tags=labels,
    studios=labels,
    members=st.integers(0, 10**7),
    mean=st.none() | st.floats(1, 10),
    adult=st.booleans(),
    anilist_id=st.none() | st.integers(1, 10**6),
    poster=st.none() | texts,
    franchise=st.integers(1, 10**6),
    order=st.integers(0, 99),
)


class TestTheFile:
    @settings(max_examples=25, deadline=None)  # packing hard takes a while even for a few
    @given(st.lists(anime, max_size=8, unique_by=lambda one: one.id))
    def test_gives_back_what_was_saved(self, tmp_path_factory, listed):
        path = tmp_path_factory.mktemp("catalog") / "catalog.json.xz"
        saved = Catalog(listed)
        saved.save(path)
        loaded = Catalog.load(path)
        assert list(loaded) == sorted(listed, key=lambda one: one.id)
        assert loaded.fingerprint == saved.fingerprint

    def test_does_not_depend_on_the_order_in_which_anime_come(self, tmp_path):
        one, other = Anime(1, "One"), Anime(2, "Other")
        Catalog([one, other]).save(tmp_path / "a")
        Catalog([other, one]).save(tmp_path / "b")
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    @pytest.mark.parametrize("at", [0, 10, 40, -30, -1])
    def test_is_refused_with_one_flipped_byte(self, tmp_path, at):
        path = tmp_path / "catalog.json.xz"
        Catalog([Anime(1, "One"), Anime(2, "Other")]).save(path)
        content = bytearray(path.read_bytes())
        content[at] ^= 0xFF
        path.write_bytes(content)
        with pytest.raises(CatalogError, match="damaged"):
            Catalog.load(path)

    def test_is_refused_when_cut_short(self, tmp_path):
        path = tmp_path / "catalog.json.xz"
        path.write_bytes(SHIPPED.read_bytes()[:-1000])
        with pytest.raises(CatalogError, match="damaged"):
            Catalog.load(path)

    def test_is_refused_when_it_is_something_else(self, tmp_path):
        path = tmp_path / "other.xz"
        path.write_bytes(lzma.compress(b'{"format":"recipes"}'))
        with pytest.raises(CatalogError, match="not a catalog"):
            Catalog.load(path)

    def test_is_refused_when_newer_and_says_which_version_it_is(self, tmp_path):
        path = tmp_path / "new.xz"
        path.write_bytes(lzma.compress(b'{"format":"osusume-catalog","version":99}'))
        with pytest.raises(CatalogError, match="version 99"):
            Catalog.load(path)

    @pytest.mark.parametrize("column", ["title", "genres", "id", "words"])
    def test_is_refused_when_its_columns_do_not_fit(self, tmp_path, column):
        path = tmp_path / "catalog.json.xz"
        Catalog([Anime(1, "One", genres=("Drama",)), Anime(2, "Other")]).save(path)
        columns = json.loads(lzma.decompress(path.read_bytes()))
        columns[column] = columns[column][:-1]
        path.write_bytes(lzma.compress(json.dumps(columns).encode()))
        with pytest.raises(CatalogError, match="damaged"):
            Catalog.load(path)

    def test_that_is_missing_gets_a_sentence_that_names_it(self, tmp_path):
        with pytest.raises(CatalogError, match=r"no catalog at .*nowhere"):
            Catalog.load(tmp_path / "nowhere")


class TestLookingUp:
    def test_an_unknown_id_is_a_key_error_and_get_gives_none(self):
        catalog = Catalog([Anime(7, "Seven")])
        assert catalog.get(8) is None
        assert 8 not in catalog
        with pytest.raises(KeyError):
            catalog[8]
        with pytest.raises(KeyError):
            catalog.franchise(8)

    def test_a_franchise_comes_in_order(self):
        first, second = Anime(9, "A", franchise=9), Anime(3, "A 2", franchise=9, order=1)
        catalog = Catalog([second, first])
        assert catalog.franchise(3) == (first, second)

    def test_an_anime_without_a_franchise_is_one_of_its_own(self):
        lone, other = Anime(1, "Lone"), Anime(2, "Other")
        assert Catalog([lone, other]).franchise(1) == (lone,)

    def test_the_same_id_twice_is_refused(self):
        with pytest.raises(CatalogError, match="id 5 twice"):
            Catalog([Anime(5, "One"), Anime(5, "Other")])


def test_loading_imports_neither_torch_nor_pandas_nor_numpy():
    code = (
        "import sys; from recsys.catalog import Catalog; Catalog.load();"
        "print([m for m in ('torch', 'pandas', 'numpy', 'scipy') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"
