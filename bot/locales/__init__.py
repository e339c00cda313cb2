"""What a person reads, one TOML file a language.

A key is a dotted path into the file: ``strings("en-US")("done.rated", title="Monster", score=9)``.
A language that lacks a key falls back to English, so a half-finished translation still speaks.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT = "en"


class Strings:
    """The strings of one language.

    Args:
        language: the file's name, a language tag such as "en" or "pt-BR".
        texts: dotted key to text.
        fallback: asked for the keys that ``texts`` lacks.
    """

    def __init__(
        self, language: str, texts: Mapping[str, str], fallback: Strings | None = None
    ) -> None:
        self.language = language
        self._texts = texts
        self._fallback = fallback

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key with its values filled in.

        Where the key has the plural forms ``one`` and ``other``, the value ``count`` chooses.

        Raises:
            KeyError: no language has the key.
        """
        text = self._find(key)
        if text is None and "count" in values:
            text = self._find(f"{key}.{'one' if values['count'] == 1 else 'other'}")
        if text is None:
            raise KeyError(key)
        return text.format_map(values)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._find(key) is not None

    def __iter__(self) -> Iterator[str]:
        """The keys of this language's own file."""
        return iter(self._texts)

    def own(self, key: str) -> str | None:
        """The text of a key in this very language, unfilled; None where English would speak."""
        return self._texts.get(key)

    def _find(self, key: str) -> str | None:
        text = self._texts.get(key)
        if text is None and self._fallback is not None:
            return self._fallback._find(key)  # noqa: SLF001 - another object of this class
        return text


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield prefix + name, value.strip()
        else:
            yield from _flatten(value, f"{prefix}{name}.")


@cache
def _load(language: str) -> Strings | None:
    file = resources.files(__name__).joinpath(f"{language}.toml")
    if not file.is_file():
        return None
    texts = dict(_flatten(tomllib.loads(file.read_text(encoding="utf-8"))))
    return Strings(language, texts, None if language == DEFAULT else strings(DEFAULT))


@cache
def languages() -> tuple[str, ...]:
    """Every language that has a file."""
    names = (file.name for file in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def strings(locale: str) -> Strings:
    """The strings for a Discord locale: its own file, its language's, or English."""
    for language in (locale, locale.split("-", maxsplit=1)[0], DEFAULT):
        # A tag names a file only if that file is one of ours: it comes from outside.
        if language in languages() and (found := _load(language)) is not None:
            return found
    msg = f"the strings of {DEFAULT!r} are missing"
    raise FileNotFoundError(msg)
