"""Spelling made equal: the three keys under which a title is compared.

``raw`` keeps everything a person could have meant (``Working!!`` is not ``Working!!!``), ``words``
keeps the words, and ``compact`` keeps only what people agree on when they type a title from
memory: no spaces, no punctuation, one spelling of long vowels, one of each Chinese character,
kana in Latin letters.

Each function folds a whole text at once. Lines stay lines, so a caller folds fifty thousand titles
by joining them with newlines, at a fraction of the cost of one by one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

_SMALL_Y = "\x01"  # before a small ya, yu, yo: it takes the vowel off the kana before it
_SMALL_VOWEL = "\x02"  # before a small vowel: the same

_SYMBOLS = {
    "×": "x", "✕": "x", "✖": "x", "╳": "x", "χ": "x", "@": "a", "&": " and ", "√": " root ",
    "∞": " infinity ", "½": "1 2", "æ": "ae", "ø": "o", "œ": "oe", "°": " ", "_": " ", "・": " ",
    "〜": " ", "ー": "",
    # An apostrophe inside a word is left out when typed: jojos.
    "'": "", "’": "", "‘": "", "`": "", "´": "", "ʼ": "", "′": "",
}  # fmt: skip

_KANA_ROWS = (
    ("あいうえお", "a i u e o"),
    ("かきくけこ", "ka ki ku ke ko"),
    ("さしすせそ", "sa shi su se so"),
    ("たちつてと", "ta chi tsu te to"),
    ("なにぬねの", "na ni nu ne no"),
    ("はひふへほ", "ha hi fu he ho"),
    ("まみむめも", "ma mi mu me mo"),
    ("らりるれろ", "ra ri ru re ro"),
    ("がぎぐげご", "ga gi gu ge go"),
    ("ざじずぜぞ", "za ji zu ze zo"),
    ("だぢづでど", "da ji zu de do"),
    ("ばびぶべぼ", "ba bi bu be bo"),
    ("ぱぴぷぺぽ", "pa pi pu pe po"),
    ("やゆよわをんゔゐゑ", "ya yu yo wa o n vu i e"),
)
_SMALL_KANA = {
    "ゃ": "ya",
    "ゅ": "yu",
    "ょ": "yo",
    "ぁ": "a",
    "ぃ": "i",
    "ぅ": "u",
    "ぇ": "e",
    "ぉ": "o",
}

_NOT_WORD = re.compile(r"[^\w\n ]+")
_OTHER_SPACE = re.compile(r"[^\S\n ]")
_PARTICLE_WO = re.compile(r"\bwo\b")
# Not "i", "v" and "x", which are words, nor a numeral that begins a title.
_ROMAN = re.compile(r"(?<=\S )(?:ii|iii|iv|vi|vii|viii|ix)\b")
_ROMAN_VALUES = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_NUMBER = re.compile(r"\bnumber (?=\d)")
_DOUBLED = re.compile(r"([a-z])(?=\1)")


@cache
def _table() -> dict[int, str | None]:
    """One translation for symbols, accents, kana and variant Chinese characters."""
    table: dict[int, str | None] = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        plain = unicodedata.normalize("NFD", chr(code))[0]
        if plain != chr(code):
            table[code] = plain
    table.update(dict.fromkeys(range(0x300, 0x370)))  # combining accents that NFKC left alone
    for rows, romaji in _KANA_ROWS:
        for kana, latin in zip(rows, romaji.split(), strict=True):
            table[ord(kana)] = latin
    for kana, latin in _SMALL_KANA.items():
        table[ord(kana)] = (_SMALL_Y if latin[0] == "y" else _SMALL_VOWEL) + latin
    table[ord("っ")] = ""
    for code in range(ord("ぁ"), ord("ゖ")):  # katakana stands 0x60 above hiragana
        if code in table:
            table[code + 0x60] = table[code]
    variants, simplified = [
        line
        for line in (Path(__file__).with_name("hanzi.txt")).read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    table.update({ord(a): b for a, b in zip(variants, simplified, strict=True)})
    table.update({ord(symbol): text for symbol, text in _SYMBOLS.items()})
    return table


def raw(text: str) -> str:
    """The text as typed, but for letter case, width of letters and runs of spaces.

    Args:
        text: one title, or several on lines of their own.

    Returns:
        As many lines as came in.
    """
    if text.isascii() and "\n" not in text:
        return " ".join(text.lower().split())  # what most people type, ten times faster
    text = unicodedata.normalize("NFKC", text).casefold()
    return _single_spaces(_OTHER_SPACE.sub(" ", text))


def words(text: str) -> str:
    """The words of a text in plain letters, one space between them.

    Accents and punctuation are gone, kana are romanised (Hepburn), variant Chinese characters are
    one. A title made of punctuation alone comes back empty.

    Args:
        text: one title, or several on lines of their own; folded by `raw` or not.

    Returns:
        As many lines as came in.
    """
    text = raw(text).translate(_table())
    if _SMALL_Y in text or _SMALL_VOWEL in text:
        text = _join_small_kana(text)
    return _single_spaces(_NOT_WORD.sub(" ", text))


def compact(folded_words: str) -> str:
    """What is left of `words` when spaces and disputed spellings are dropped.

    Long vowels are short (ou, oo and ō are all o), doubled letters are single, the particle wo is
    o, dzu is zu, a Roman numeral is its number. Every rule keeps the first letters of a word where
    it can, so that the start of a title folds to the start of its key.

    Args:
        folded_words: what `words` returned.

    Returns:
        As many lines as came in, without spaces.
    """
    text = folded_words
    if "wo" in text:
        text = _PARTICLE_WO.sub("o", text)
    if "number " in text:
        text = _NUMBER.sub("no", text)
    if " " in text:
        text = _ROMAN.sub(lambda found: _ROMAN_VALUES[found[0]], text).replace(" ", "")
    text = text.replace("ou", "o").replace("dzu", "zu").replace("grey", "gray")
    return _DOUBLED.sub("", text)


def is_telling(folded_words: str) -> bool:
    """Whether most letters of a text are left in its key: "aaaaaaaa" is no long way to write "a".

    Args:
        folded_words: one line that `words` returned.
    """
    return 2 * len(compact(folded_words)) >= len(folded_words.replace(" ", ""))


def _single_spaces(text: str) -> str:
    """Every line with one space between its words and none at its ends.

    Plain replacements: over a catalog they take a tenth of the time of a pattern.
    """
    while "  " in text:
        text = text.replace("  ", " ")
    return text.replace("\n ", "\n").replace(" \n", "\n").strip(" ")


def _join_small_kana(text: str) -> str:
    """Join a small kana to the one before it: "ki" + small "yo" is "kyo", "shi" + "ya" is "sha"."""
    for full in ("sh", "ch", "j"):
        text = text.replace(f"{full}i{_SMALL_Y}y", full)
    text = text.replace(f"i{_SMALL_Y}", "").replace(_SMALL_Y, "")
    for vowel in "aiueo":
        text = text.replace(f"{vowel}{_SMALL_VOWEL}", "")
    return text.replace(_SMALL_VOWEL, "")
