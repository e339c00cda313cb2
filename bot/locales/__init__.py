"""What a person reads: a folder a language, in it a TOML file a family of features.

A key is a dotted path into the tables of all the files of a language together:
``strings("en-US")("done.rated", title="Monster", score=9)``. A language that lacks a key falls back
to English, so a half-finished translation still speaks.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from bot.locales.numbers import Number, marks, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

DEFAULT = "en"


class Strings:
    """The strings of one language.

    Args:
        language: the folder's name, a language tag such as "en" or "pt-BR".
        texts: dotted key to text.
        fallback: asked for the keys that ``texts`` lacks.
        locale: Discord's tag, where numbers are written by that; else by the language.
    """

    def __init__(
        self,
        language: str,
        texts: Mapping[str, str],
        fallback: Strings | None = None,
        *,
        locale: str | None = None,
    ) -> None:
        self.language = language
        self._texts = texts
        self._fallback = fallback
        self._marks = marks(locale or language)

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key with its values filled in.

        Where the key has the plural forms ``one`` and ``other``, the value ``count`` chooses.
        ``{/rate}`` in a text becomes what the command is called in this language, as does
        ``{/privacy erase}`` with both its words.

        Raises:
            KeyError: no language has the key.
        """
        text = self._find(key, values.get("count"))
        if text is None:
            raise KeyError(key)
        if not values and "{" not in text:  # most
            return text
        said = {
            name: value if isinstance(value, str) else self.written(value)
            for name, value in values.items()
        }
        return text.format_map(_Values(self, said) if "{/" in text else said)

    def number(self, value: float, spec: str = ",") -> str:
        """A number as this language writes it; ``spec`` is Python's, such as ".1f"."""
        return format(Number(value, self._marks), spec)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._find(key) is not None

    def __iter__(self) -> Iterator[str]:
        """The keys of this language's own files."""
        return iter(self._texts)

    def own(self, key: str) -> str | None:
        """The text of a key in this very language, unfilled; None where English would speak."""
        return self._texts.get(key)

    def _find(self, key: str, count: object = None) -> str | None:
        text = self._texts.get(key)
        if text is None and isinstance(count, int | float):
            text = self._texts.get(f"{key}.{plural(self.language, count)}")
        if text is None and self._fallback is not None:
            return self._fallback._find(key, count)  # noqa: SLF001 - another object of this class
        return text

    def written(self, value: object) -> object:
        """A value as a text of this language mentions it."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Number(value, self._marks)
        return value


class _Values(dict[str, object]):
    """What a text mentions: the values that it is given, and the names of commands."""

    def __init__(self, strings: Strings, values: Mapping[str, object]) -> None:
        super().__init__(values)
        self._strings = strings

    def __missing__(self, name: str) -> str:
        if name.startswith("/"):
            # A method cannot be called `import`; see `bot.commands.command`.
            words = [f"{word}_" if iskeyword(word) else word for word in name[1:].split()]
            keys = (".".join(words[: end + 1]) for end in range(len(words)))
            return "/" + " ".join(self._strings(f"commands.{key}.name") for key in keys)
        raise KeyError(name)


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield prefix + name, value.strip()
        else:
            yield from _flatten(value, f"{prefix}{name}.")


def _files(language: str) -> list[Traversable]:
    folder = resources.files(__name__).joinpath(language)
    if not folder.is_dir():
        return []
    files = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    return sorted(files, key=lambda file: file.name)


@cache
def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in _files(language):
        for key, text in _flatten(tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in texts:
                msg = f"{language}/{file.name}: {key!r} stands in another file too"
                raise ValueError(msg)
            texts[key] = text
    return texts


@cache
def languages() -> tuple[str, ...]:
    """Every language that has a folder with strings."""
    names = (entry.name for entry in resources.files(__name__).iterdir() if entry.is_dir())
    return tuple(sorted(name for name in names if _files(name)))


@cache
def strings(locale: str) -> Strings:
    """The strings for a Discord locale: its own, its language's, or English.

    Raises:
        FileNotFoundError: there are no English ones: the installation is broken.
    """
    for language in (locale, locale.split("-", maxsplit=1)[0], DEFAULT):
        # A tag names a folder only if that folder is one of ours: it comes from outside.
        if language in languages():
            fallback = None if language == DEFAULT else strings(DEFAULT)
            return Strings(language, _texts(language), fallback, locale=locale)
    msg = f"the strings of {DEFAULT!r} are missing"
    raise FileNotFoundError(msg)
