"""What kind of name a title is (script, romaji or English), and which names to keep."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 200  # characters; what is longer is a list or a sentence, not a name

_WORD = re.compile(r"[^\W\d_]+")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")
# Hepburn syllables, doubled consonants and the particle spellings "wo" and "dzu" included.
_SYLLABLES = re.compile(
    r"(?:(?:kk|ss|tt|tch|pp|gg|dd|bb|zz|ssh|cch)?"
    r"(?:(?:[kgnhbpmr]y|sh|ch|j)[auo]|shi|chi|ji|tsu|fu|dzu"
    r"|(?:she|che|je|ti|di|tu|du|fa|fi|fe|fo|va|vi|ve|vo|vu|wi|we)"
    r"|[kgsztdnhbpmr]?[aeiou]|y[auo]|w[ao])"
    r"|n(?![aeiou])|m(?=[bpm]))+h?"
)
_JAPANESE_WORDS = frozenset({
    "chan", "dakedo", "de", "desu", "e", "ga", "ja", "ka", "kara", "kun", "made", "mo", "na",
    "nai", "ni", "no", "o", "sama", "san", "senpai", "sensei", "shita", "suru", "to", "wa",
    "wo", "yori",
})  # fmt: skip
# Written like romaji and yet English.
_ENGLISH_WORDS = frozenset({
    "a", "age", "an", "anime", "are", "area", "audio", "ban", "banana", "be", "bin", "bone",
    "boy", "can", "come", "data", "den", "die", "dine", "dive", "do", "done", "era", "even",
    "fan", "fate", "fun", "game", "gate", "give", "go", "gun", "he", "hen", "hero", "hey", "hi",
    "home", "hope", "i", "idea", "in", "into", "is", "kin", "kind", "kite", "life", "line",
    "made", "make", "man", "manga", "me", "media", "men", "mind", "mine", "moon", "more",
    "motion", "name", "nine", "ninja", "no", "none", "nose", "note", "on", "one", "open", "pan",
    "pen", "piano", "pie", "pin", "pose", "radio", "ran", "rise", "rose", "run", "same",
    "samurai", "sea", "seen", "sense", "seven", "shine", "site", "so", "some", "son", "soon",
    "sun", "take", "tame", "tan", "tea", "ten", "the", "tie", "time", "tin", "to", "toe",
    "tomato", "tone", "unto", "us", "use", "used", "van", "video", "wake", "we", "wine", "zone",
})  # fmt: skip

_ENGLISH_GRAMMAR = frozenset({
    "and", "at", "by", "for", "from", "her", "his", "in", "is", "its", "my", "of", "the",
    "with", "you", "your",
})  # fmt: skip


# English takes these from other languages: Pokémon, café, fiancée, naïve.
_BORROWED_LETTERS = frozenset("éèïö")
_FOREIGN_GRAMMAR = frozenset({
    "av", "dans", "das", "del", "della", "der", "des", "det", "du", "eine", "el", "et", "gli",
    "het", "il", "la", "las", "le", "les", "los", "mit", "och", "og", "para", "por", "pour", "un",
    "una", "und", "une", "ve", "von", "zu",
})  # fmt: skip
_BACKTICK = re.compile(r"(?<=\w)[`´]")

_SMALL_WORDS = frozenset({
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "nor", "of", "on", "or", "the",
    "to", "vs", "with",
})  # fmt: skip
_WIDE_MARK = re.compile("[！？：，；]")
_LOOSE_MARK = re.compile(r"\s+([!?:,;\s])")
_ROMAN = re.compile(r"x?(?:ix|iv|v?i{2,3}|vi)")


def fold(text: str) -> str:
    """The form in which two spellings of one name are equal: width, case and spaces aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def is_latin(text: str) -> bool:
    """Whether the letters of a name are Latin, nearly all of them."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return text.isascii() and any(c.isalnum() for c in text)
    latin = sum(unicodedata.name(c, "").startswith(("LATIN", "FULLWIDTH LATIN")) for c in letters)
    return latin >= 0.9 * len(letters)


def has_kana(text: str) -> bool:
    """Whether a name has hiragana or katakana, and so is Japanese."""
    return bool(_KANA.search(text))


def has_han(text: str) -> bool:
    """Whether a name has Chinese characters."""
    return bool(_HAN.search(text))


def romaji_share(text: str) -> float:
    """How much of a Latin name can be read as romaji, from 0 to 1.

    Each word counts by its length, one that is also common English by nothing; a word that only
    Japanese has, such as a particle, counts double.
    """
    words = [word.lower() for word in _WORD.findall(_plain(text))]
    whole = read = 0.0
    for word in words:
        weight = len(word)
        if word in _JAPANESE_WORDS:
            weight *= 2
            read += weight if word not in {"to", "no", "de", "e", "o"} else weight / 2
        elif word not in _ENGLISH_WORDS and _SYLLABLES.fullmatch(word):
            read += weight
        whole += weight
    return read / whole if whole else 0.0


def is_romaji(text: str) -> bool:
    """Whether a name is Japanese written in Latin letters, as far as its spelling tells.

    "Sousou no Frieren" is, for its particle, though most of its letters are a foreign name.
    """
    if not is_latin(text):
        return False
    words = set(_WORD.findall(_plain(text).lower()))
    if words & _ENGLISH_GRAMMAR:
        return False
    return romaji_share(text) >= (0.4 if words & _JAPANESE_WORDS else 0.6)


def may_be_english(text: str, beside: str = "") -> bool:
    """Whether a Latin name that is no romaji may be English, as far as its spelling tells.

    What is not may be Turkish, French or Swedish: sources file titles of all countries together.

    Args:
        text: the name.
        beside: another name of the anime, whose words are no sign of any language.
    """
    if any(not c.isascii() and c not in _BORROWED_LETTERS for c in text.lower() if c.isalpha()):
        return False
    words = set(_WORD.findall(text.lower()))
    foreign = words & _FOREIGN_GRAMMAR - set(_WORD.findall(_plain(beside).lower()))
    return not foreign or bool(words & _ENGLISH_GRAMMAR - {"in"})  # German and Italian have it too


def clean(text: str) -> str:
    """A name without invisible characters, line breaks, doubled spaces and spaces at its ends.

    An apostrophe that somebody typed as a backtick is one again.
    """
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return " ".join(_BACKTICK.sub("'", seen).split())


def cased(text: str, beside: Iterable[str]) -> str:
    """An English title without its shouting or its whispering.

    Some sources print every title in capitals, or none. A title of several words that is all of
    one case gets the usual capitals; a word that another name of the anime spells with care, such
    as "JoJo" or "RDG", is spelt as there.
    """
    if " " not in text or not (text.isupper() or text.islower()):
        return text
    known = {
        word.casefold(): word
        for name in beside
        if not (name.isupper() or name.islower())
        for word in _WORD.findall(name)
    }

    def spelt(match: re.Match[str]) -> str:
        word = match.group().casefold()
        if word in known:
            return known[word] if match.start() else known[word][:1].upper() + known[word][1:]
        if _ROMAN.fullmatch(word):
            return word.upper()
        after_apostrophe = match.start() > 0 and text[match.start() - 1] in "'’"
        inner = match.start() > 0 and word in _SMALL_WORDS
        return word if after_apostrophe or inner else word.capitalize()

    return _WORD.sub(spelt, text)


def punctuated(text: str) -> str:
    """An English title with English marks: "Love Live！Superstar!!" is "Love Live! Superstar!!"."""
    narrow = _WIDE_MARK.sub(lambda mark: unicodedata.normalize("NFKC", mark[0]) + " ", text)
    return _LOOSE_MARK.sub(r"\1", narrow).strip()


def keep(names: Iterable[str], besides: Iterable[str] = ()) -> tuple[str, ...]:
    """The names worth keeping, cleaned, each spelling once, sorted.

    Args:
        names: as found, junk included.
        besides: names that are kept elsewhere already.
    """
    seen = {fold(name) for name in besides}
    kept: list[str] = []
    for name in sorted({clean(name) for name in names}):
        key = fold(name)
        if key in seen or not _is_name(name):
            continue
        seen.add(key)
        kept.append(name)
    return tuple(kept)


def _is_name(text: str) -> bool:
    if not text or len(text) > _LONGEST or "://" in text:
        return False
    letters = sum(c.isalpha() for c in text)
    if letters == 0:
        return text.isdecimal() and len(text) > 1  # "91" is a name, "2" and "..." are not
    return letters > 1 or bool(_HAN.search(text) or _HANGUL.search(text))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))
