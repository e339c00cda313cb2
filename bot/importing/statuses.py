"""Every word that a list may use for where an anime stands, as one of our statuses."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from recsys.profile import Status

# Folded by `fold`. Anime-Planet says stalled, Simkl hold, AniList paused and repeating; the others
# are what people write in tables of their own, in the languages of the bot and a few more.
_WORDS = {
    Status.WATCHING: """
        watching currentlywatching current rewatching repeating inprogress ongoing 1
        視聴中 見ている 見てる 観ている 観てる 再視聴中 在看 正在观看
        viendo mirando encurso enprogreso envisionnage visionnage encours assistindo schaue
    """,
    Status.COMPLETED: """
        completed complete finished watched seen done 2
        視聴済み 視聴済 見た 観た 見終わった 観終わった 完了 看过
        completado completada completo visto vista terminado terminada
        terminé termine vu vue vus fini assistido abgeschlossen gesehen
    """,
    Status.ON_HOLD: """
        onhold hold paused stalled suspended 3
        中断 一時中断 中断中 保留 保留中 搁置
        enpausa pausado pausada enespera enpause suspendu pausiert
    """,
    Status.DROPPED: """
        dropped abandoned notinteresting 4
        視聴中止 中止 切った 断念 抛弃
        abandonado abandonada dejado dejada abandonné abandonne largado abgebrochen
    """,
    Status.PLANNED: """
        plantowatch planned planning plan planstowatch wanttowatch towatch ptw wishlist backlog 6
        視聴予定 見たい 観たい これから見る 想看
        planeado planeada planificado porver pendiente quierover
        àvoir avoir prévu prevu planifié planejado geplant
    """,
    Status.NOT_INTERESTED: """
        notinterested wontwatch ignored 10
        興味なし 見ない nointeresa nomeinteresa pasintéressé pasinteresse
    """,
    Status.UNKNOWN: "unknown listed",
}


@lru_cache(maxsize=512)
def fold(text: str) -> str:
    """A word for comparing: one width, small letters, nothing but letters and digits."""
    folded = unicodedata.normalize("NFKC", text[:100]).casefold()
    return "".join(char for char in folded if char.isalnum())


_BY_WORD = {word: status for status, words in _WORDS.items() for word in map(fold, words.split())}


def status_of(word: object) -> Status | None:
    """The status that a word or one of MyAnimeList's numbers means; None for any other."""
    if isinstance(word, int) and not isinstance(word, bool):
        word = str(word)
    return _BY_WORD.get(fold(word)) if isinstance(word, str) else None
