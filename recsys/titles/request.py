"""The words around a title that ask for it and are no part of it: "anime like naruto"."""

from __future__ import annotations

import re

# Looked for only where nothing is called like the whole text, so "Show by Rock" keeps its show.
_ASKING = re.compile(
    r"(?:"
    r"(?:please|pls|hey|hi|the|an?|some|any|my|more|something|title|titled|called|named"
    r"|anime|animes|show|shows|series|of|for|about|to)\b ?"
    r"|(?:i|we|you|me|us) (?:(?:just |really |also )?"
    r"(?:want|wanna|would like|like|love|need|liked|loved|watched|saw|seen|finished))\b ?"
    r"|(?:can|could|have|has|did|do) (?:you|u|i|we|anyone)\b ?"
    r"|(?:what is|whats|what about|how is|how about|who knows|tell me|show me|give me|find me)\b ?"
    r"|(?:watch|watching|watched|seen|see|rate|rating|score|recommend|recommendations?|suggest"
    r"|search|find|look up|play|add|like|similar|based on)\b ?"
    r")+"
)


def asked_for(words: str) -> str | None:
    """What a text asks for, or None where it begins with no words of asking, or has no others.

    Args:
        words: a text folded by `recsys.titles.fold.words`.
    """
    found = _ASKING.match(words)
    rest = words[found.end() :] if found else ""
    return rest or None
