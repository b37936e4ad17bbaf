"""Which language a text is in: by script, and for Latin letters by its most common small words.

Only a certain answer counts; code and short texts have no language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import repeat

UNKNOWN = 0
LANGUAGES = (
    "", "English", "German", "French", "Spanish", "Italian", "Portuguese", "Dutch", "Polish",
    "Swedish", "Turkish", "Indonesian", "Chinese", "Japanese", "Korean", "Russian", "Greek",
    "Arabic", "Hebrew", "Hindi", "Thai",
)  # fmt: skip
"""Names by code; code 0 is *unknown*."""

_SMALL_WORDS = {  # not shown: words that are counted in the data
    "English": "the a an i we but all if of and to in is that it for was with as on are be this"
    " by at from not which have an you or his they what their when will there can more"
    " if has were been would your how its into these than who some could about",
    "German": "der die und das ist nicht ein eine zu den mit sich auf für von dem im werden auch"
    " als es an wie bei oder sind wird einer wurde nach aus durch kann wenn einen haben noch über"
    " sie ich aber nur zum zur mehr vor diese dieser",
    "French": "le la les des est et une dans qui pour que pas sur du il elle au ce avec sont par"
    " plus ne cette mais nous vous ont être aux leur comme ou fait ses était peut entre sans aussi",
    "Spanish": "el la los las de que y en es un una por con para del se no su al lo como más pero"
    " sus este esta entre cuando muy sin sobre también hasta hay donde son está ser tiene qué",
    "Italian": "il la di che è e un una per non con del della sono i le si da in come dei anche più"
    " nel alla ma ha questo essere gli lo delle al su se stato ho suo questa degli",
    "Portuguese": "o a de que e do da em um uma para com não os no se na por mais as dos como mas"
    " ao ele das à seu sua ou quando muito nos já também só pelo pela até isso são está você",
    "Dutch": "de het een van en in is dat op te zijn met voor niet aan er om ook als maar dan bij"
    " nog wordt uit naar heeft ze hij wat deze door over worden kan meer je zo werd",
    "Polish": "i w na nie się z do to że jest o jak po co ale za od tak przez dla są przy może być"
    " który które ich tym oraz już czy tylko jego było",
    "Swedish": "och att det i en som är på för av med den till inte om ett har de var jag vi"
    " han kan från så men när eller hon vid under ska också sig mot alla efter",
    "Turkish": "bir ve bu da de için ile ne çok gibi daha olarak o en kadar olan ama sonra var ya"
    " değil mi her ki veya ben sen biz onlar nasıl tarafından",
    "Indonesian": "yang dan di untuk dengan ini itu dari pada tidak dalam akan adalah ke juga atau"
    " oleh sebagai karena dapat bisa mereka anda saya lebih telah sudah ada kami",
}
# A word's number holds a one in the 16 bits of each of its languages, so that one sum counts all.
_COUNTED = {name: frozenset(w for w in words.split() if len(w) > 1) for name, words in
            _SMALL_WORDS.items()}  # fmt: skip
_PACKED: dict[str, int] = {}
for _place, _words in enumerate(_COUNTED.values()):
    for _word in _words:
        _PACKED[_word] = _PACKED.get(_word, 0) + (1 << (16 * _place))
_CODES = tuple(LANGUAGES.index(name) for name in _COUNTED)
_SCRIPTS = (
    ("Japanese", re.compile("[\u3040-\u30ff]")),
    ("Korean", re.compile("[\uac00-\ud7af]")),
    ("Chinese", re.compile("[\u4e00-\u9fff]")),
    ("Russian", re.compile("[\u0400-\u04ff]")),
    ("Greek", re.compile("[\u0370-\u03ff]")),
    ("Arabic", re.compile("[\u0600-\u06ff]")),
    ("Hebrew", re.compile("[\u0590-\u05ff]")),
    ("Hindi", re.compile("[\u0900-\u097f]")),
    ("Thai", re.compile("[\u0e00-\u0e7f]")),
)
_LANGUAGE_TASK = (  # not shown: words that are looked for in the data
    "translat", "übersetz", "tradu", "vertaal", "language", "idiom", "say in", "word for",
    "meaning of", "pronounc", "latin", "vietnamese", "ukrainian", "français", "español", "deutsch",
    *(name.lower() for name in LANGUAGES[1:]),
)  # fmt: skip
_MIN_HITS = 4
_MIN_DIFFERENT = 3
_WORDS_LOOKED_AT = 200


def language_of(text: str, words: Sequence[str]) -> int:
    """Return the language's code, or ``UNKNOWN`` where it is not certain.

    Args:
        words: the text's lower-case words.
    """
    if not text.isascii() and (code := _by_script(text)):
        return code
    return _by_words(words)


def _by_script(text: str) -> int:
    letters = sum(c.isalpha() for c in text)
    for name, pattern in _SCRIPTS:
        share = 0.08 if name == "Japanese" else 0.3
        if letters and len(pattern.findall(text)) > share * letters:
            return LANGUAGES.index(name)
    return UNKNOWN


def _by_words(words: Sequence[str]) -> int:
    packed = sum(map(_PACKED.get, words[:_WORDS_LOOKED_AT], repeat(0)))
    if not packed:
        return UNKNOWN
    hits = [(packed >> (16 * place)) & 0xFFFF for place in range(len(_CODES))]
    best = max(hits)
    place = hits.index(best)
    hits[place] = 0
    if best < _MIN_HITS or best < 1.5 * max(hits) + 1:
        return UNKNOWN
    name = LANGUAGES[_CODES[place]]
    different = len(_COUNTED[name].intersection(words))
    return _CODES[place] if different >= _MIN_DIFFERENT else UNKNOWN


def is_language_task(question: str) -> bool:
    """Return whether another language in the answer is what the question asks for."""
    lower = question.lower()
    return any(hint in lower for hint in _LANGUAGE_TASK)
