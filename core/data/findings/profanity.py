"""Coarse words, as a hint only."""

from __future__ import annotations

from collections.abc import Set

from core.data.findings.language import LANGUAGES, UNKNOWN

_LIST = (  # not shown: words of the data
    """
fuck fucks fucked fucker fuckers fucking motherfucker motherfuckers shit shits shitty bullshit
cunt cunts bitch bitches asshole assholes dickhead dickheads bastard bastards wanker wankers
twat slut sluts whore whores nigger niggers faggot faggots retard retards cocksucker scheisse
scheiße arschloch fotze hurensohn wichser putain connard salope enculé mierda puta cabrón
gilipollas coño pendejo cazzo vaffanculo stronzo puttana caralho kurwa klootzak блять сука хуй
"""
)
_HARMLESS_ELSEWHERE = {
    "slut": ("English",),  # "the end" in Swedish and Danish
    "retard": ("English",),  # "delay" in French
    "bastard": ("English", "German"),
    "puta": ("Spanish", "Portuguese"),  # "times" in Croatian and Serbian
}
_WORDS = frozenset(_LIST.split()) - _HARMLESS_ELSEWHERE.keys()
_IN_LANGUAGE = {
    LANGUAGES.index(name): frozenset(w for w, where in _HARMLESS_ELSEWHERE.items() if name in where)
    for name in LANGUAGES
}


def has_profanity(words: Set[str], language: int = UNKNOWN) -> bool:
    """Return whether one of the lower-case ``words`` is coarse in the text's language."""
    return not _WORDS.isdisjoint(words) or not _IN_LANGUAGE[language].isdisjoint(words)
