"""Coarse words, as a hint only."""

from __future__ import annotations

from collections.abc import Set

_LIST = """
fuck fucks fucked fucker fuckers fucking motherfucker motherfuckers shit shits shitty bullshit
cunt cunts bitch bitches asshole assholes dickhead dickheads bastard bastards wanker wankers
twat slut sluts whore whores nigger niggers faggot faggots retard retards cocksucker scheisse
scheiße arschloch fotze hurensohn wichser putain connard salope enculé mierda puta cabrón
gilipollas coño pendejo cazzo vaffanculo stronzo puttana caralho kurwa klootzak блять сука хуй
"""
_WORDS = frozenset(_LIST.split())


def has_profanity(words: Set[str]) -> bool:
    """Return whether one of the lower-case ``words`` is coarse."""
    return not _WORDS.isdisjoint(words)
