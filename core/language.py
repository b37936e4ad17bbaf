"""Every sentence that you see, in your language: the one door to gettext.

``_("Loaded {count:,} rows.", count=count)`` gives a :class:`Sentence`: an ordinary ``str`` in the
present language that remembers the English source and its parameters, so that an event or an error
recorded in one language is read in another. The source is English and is its own catalogue entry;
translations lie in ``resources/locale/LANGUAGE/LC_MESSAGES/homelab_tuner.po``.

What is written down at import, before the language is known, is marked with :func:`N_` and given
to :func:`_` where it is shown. Numbers follow the language: ``{count:,}`` is ``1,234`` in English
and ``1.234`` in German.
"""

from __future__ import annotations

import datetime
import gettext as _gettext
import locale as _locale
import os
import re
import string
from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from importlib.resources import files
from typing import Any

SOURCE = "en"
PSEUDO = "en_XA"
"""English with accents and 40 % longer: shows what is cut, and what was never translated."""
PSEUDO_MIRRORED = "ar_XB"
"""The same read from right to left."""
_OWN_NAMES = {  # not shown: the pseudo-languages are for translators
    SOURCE: "English",
    PSEUDO: "Pseudo",
    PSEUDO_MIRRORED: "Pseudo (mirrored)",
}
_DOMAIN = "homelab_tuner"
_ENVIRONMENT = "HOMELAB_TUNER_LANGUAGE"
_LOCALES = files("resources") / "locale"
_FRAME = re.compile(r"(?:\{\w+\}|[^\w{}])+")
"""A template without a word of its own: it is the same in many languages."""
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_RIGHT_TO_LEFT_MARK = "\u200f"

Value = str | int | float | bool | None
"""What a sentence may be filled with: it survives being written down as JSON, as sentences do."""


class Sentence(str):
    """A text in the present language that knows its English source.

    Attributes:
        source: the English text with its parameters in braces; the key of the catalogue.
        plural: the same for several, ``""`` where the number does not matter.
        amount: the number that chooses between them.
        parameters: what fills the braces.
    """

    __slots__ = ("amount", "parameters", "plural", "source")
    source: str
    plural: str
    amount: int
    parameters: Mapping[str, Value]

    @classmethod
    def made(
        cls, source: str, parameters: Mapping[str, Value], plural: str = "", count: int = 0
    ) -> Sentence:
        """Return the sentence in the present language."""
        text = _filled(_translated(source, plural, count), parameters, current())
        sentence = cls(text)
        sentence.source, sentence.plural, sentence.amount = source, plural, count
        sentence.parameters = dict(parameters)
        return sentence

    @property
    def english(self) -> str:
        """The text in the source language."""
        template = self.plural if self.plural and self.amount != 1 else self.source
        parameters = {
            name: value.english if isinstance(value, Sentence) else value
            for name, value in self.parameters.items()
        }
        return _filled(template, parameters, SOURCE)

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence.made, (self.source, dict(self.parameters), self.plural, self.amount)


def _(source: str, /, **parameters: Value) -> Sentence:
    """Return ``source`` in the present language, its braces filled with ``parameters``."""
    return Sentence.made(source, parameters)


def ngettext(one: str, many: str, count: int, /, **parameters: Value) -> Sentence:
    """Return the form of the language that fits ``count``, which also fills ``{count}``."""
    return Sentence.made(one, {"count": count, **parameters}, many, count)


def N_(source: str) -> str:  # noqa: N802 - the usual name
    """Mark a text that is translated later, where it is shown."""
    return source


def one_after_another(sentences: Sequence[Sentence]) -> Sentence:
    """Return sentences with a space between them, as one that knows the source of each."""
    return reduce(lambda some, more: _("{some} {more}", some=some, more=more), sentences)


def told(source: str, plural: str, count: int, parameters: Mapping[str, Value]) -> Sentence | None:
    """Return a recorded sentence in the present language; ``None`` if it has no such sentence.

    The record may come from elsewhere: only a template of the own catalogue is filled.
    """
    is_frame = _FRAME.fullmatch(source) and not plural
    if current() == SOURCE:
        return None
    if not is_frame and _translated(source, plural, count) in (source, plural):
        return None
    try:
        return Sentence.made(source, parameters, plural, count)
    except (KeyError, IndexError, ValueError, TypeError):
        return None


def use(language: str = "") -> str:
    """Speak ``language`` from now on, here and in children; empty follows the system.

    Returns:
        The language that was found: the nearest one that there is, else English.
    """
    found = nearest(language or _of_the_system())
    os.environ[_ENVIRONMENT] = found
    return found


def current() -> str:
    """Return the language spoken now; English until another one was chosen."""
    return os.environ.get(_ENVIRONMENT) or SOURCE


def available() -> list[str]:
    """Return the languages that there are, English first."""
    try:
        names = sorted(entry.name for entry in _LOCALES.iterdir() if entry.is_dir())
    except OSError:
        names = []
    return [SOURCE, *(name for name in names if name != SOURCE)]


def own_name(language: str) -> str:
    """Return what a language calls itself: ``Deutsch``."""
    if language in _OWN_NAMES:
        return _OWN_NAMES[language]
    name = _babel(language).get_display_name(language)
    return str(name)[:1].upper() + str(name)[1:]


def language_named(english: str) -> str:
    """Return what the language of this English name is called in the present one."""
    found = (code for code, name in _babel(SOURCE).languages.items() if name == english)
    code = next(found, "")
    return str(_babel(current()).languages.get(code, english))


def right_to_left() -> bool:
    """Return whether the present language is written from right to left."""
    return current().partition("_")[0] in _RIGHT_TO_LEFT


def number(value: float, spec: str = ",") -> str:
    """Return ``format(value, spec)`` with the separators of the present language."""
    return _localised(format(value, spec), current())


def date(moment: datetime.datetime | datetime.date, style: str = "medium") -> str:
    """Return a day as the present language writes it (``style``: short, medium, long)."""
    from babel.dates import format_date

    return str(format_date(moment, style, locale=_babel(current())))


def date_and_time(moment: datetime.datetime, style: str = "medium") -> str:
    """Return a moment as the present language writes it, without seconds."""
    from babel.dates import format_time

    return f"{date(moment, style)} {format_time(moment, 'short', locale=_babel(current()))}"


def time_of_day(moment: datetime.datetime) -> str:
    """Return a time as the present language writes it, without seconds."""
    from babel.dates import format_time

    return str(format_time(moment, "short", locale=_babel(current())))


def in_a_row(parts: Sequence[str]) -> str:
    """Return ``a, b and c``."""
    from babel.lists import format_list

    return str(format_list(list(parts), locale=_babel(current())))


def money(value: float, currency: str) -> str:
    """Return an amount; ``currency`` is a code (``EUR``) or any sign, which then stands before."""
    if re.fullmatch(r"[A-Z]{3}", currency):
        from babel.numbers import format_currency

        return str(format_currency(value, currency, locale=_babel(current())))
    return f"{currency}{number(value, '.2f')}"


def _translated(source: str, plural: str, count: int) -> str:
    language = current()
    if language == SOURCE or not source:  # gettext answers "" with the catalogue's header
        return plural if plural and count != 1 else source
    if language in (PSEUDO, PSEUDO_MIRRORED):
        told = _pseudo(plural if plural and count != 1 else source)
        return told if language == PSEUDO else f"{told[0]}{_RIGHT_TO_LEFT_MARK}{told[1:]}"
    catalogue = _catalogue(language)
    return catalogue.ngettext(source, plural, count) if plural else catalogue.gettext(source)


@lru_cache(maxsize=8)
def _catalogue(language: str) -> _gettext.NullTranslations:
    """Read the compiled catalogue, or the ``.po`` where ``make`` has not compiled it yet."""
    folder = _LOCALES / language / "LC_MESSAGES"
    compiled, text = folder / f"{_DOMAIN}.mo", folder / f"{_DOMAIN}.po"
    if compiled.is_file():
        with compiled.open("rb") as file:
            return _gettext.GNUTranslations(file)
    if not text.is_file():
        return _gettext.NullTranslations()
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    made = BytesIO()
    with text.open("rb") as file:
        write_mo(made, read_po(file, locale=language))
    made.seek(0)
    return _gettext.GNUTranslations(made)


class _Filler(string.Formatter):
    """Fills braces by name only: a parameter's attributes and items cannot be reached."""

    def __init__(self, language: str) -> None:
        self._language = language

    def get_field(self, name: str, args: Any, kwargs: Any) -> Any:  # noqa: ARG002 - its signature
        if name not in kwargs:
            raise KeyError(name)
        return kwargs[name], name

    def format_field(self, value: Any, spec: str) -> str:
        text = str(format(value, spec))
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return _localised(text, self._language) if is_number else text


def _filled(template: str, parameters: Mapping[str, Value], language: str) -> str:
    return _Filler(language).vformat(template, (), parameters) if parameters else template


def _localised(text: str, language: str) -> str:
    if language in (SOURCE, PSEUDO, PSEUDO_MIRRORED):
        return text
    group, point, before_percent = _separators(language)
    text = text.translate({ord(","): group, ord("."): point})
    return text.replace("%", f"{before_percent}%")


@lru_cache(maxsize=8)
def _separators(language: str) -> tuple[str, str, str]:
    """Return what stands between thousands, before decimals and before a percent sign."""
    locale = _babel(language)
    symbols = locale.number_symbols["latn"]
    percent = str(locale.percent_formats[None].pattern)
    before = "\N{NO-BREAK SPACE}" if re.search(r"\s%", percent) else ""
    return str(symbols["group"]), str(symbols["decimal"]), before


@lru_cache(maxsize=8)
def _babel(language: str) -> Any:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(SOURCE if language in (PSEUDO, PSEUDO_MIRRORED) else language)
    except UnknownLocaleError:  # installers carry the languages of the window alone
        return Locale.parse(SOURCE)


def _of_the_system() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        return _locale.getlocale()[0] or SOURCE
    except ValueError:
        return SOURCE


def nearest(wanted: str) -> str:
    """Return the language that fits best: ``pt_PT.UTF-8`` is answered by ``pt_BR``."""
    name = re.split(r"[.@]", wanted.replace("-", "_"))[0]
    if name in (PSEUDO, PSEUDO_MIRRORED):
        return name
    languages = available()
    parts = name.split("_")
    if parts[0] == "zh" and {"TW", "HK", "MO", "Hant"} & set(parts):
        return SOURCE  # traditional script: the simplified one is no help
    same = [one for one in languages if one.partition("_")[0] == parts[0]]
    exact = [one for one in same if one == name]
    return (exact or same or [SOURCE])[0]


_ACCENTS = str.maketrans(
    "aceilnorsuyzACEILNORSUYZ",
    "àçéîļñöŕšüýžÀÇÉÎĻÑÖŔŠÜÝŽ",
)
_KEPT = re.compile(r"(\{[^{}]*\}|<[^<>]*>|&\w+;|https?://\S+|\n)")


@lru_cache(maxsize=4096)
def _pseudo(source: str) -> str:
    """Return the text with accents, 40 % longer, between brackets that show where it is cut."""
    parts = [
        part if _KEPT.fullmatch(part) else part.translate(_ACCENTS) for part in _KEPT.split(source)
    ]
    letters = sum(len(part) for part in _KEPT.split(source) if not _KEPT.fullmatch(part))
    return f"⟦{''.join(parts)}{' ~' * round(letters * 0.2)}⟧"
