"""The option ``--language``, for every command and for the window."""

from __future__ import annotations

import argparse
import os

from core import language
from core.language import _
from core.settings import load_settings

OPTION = "--language"
_INHERITED = "HOMELAB_TUNER_LANGUAGE"


def speak(arguments: list[str]) -> list[str]:
    """Take ``--language CODE`` out of the arguments and use it, else what the preferences say.

    Jobs inherit it. An unknown code is wrong usage and ends the program.
    """
    parser = argparse.ArgumentParser(prog="homelab-tuner", add_help=False, allow_abbrev=False)
    parser.add_argument(OPTION, default=None, type=_known)
    found, rest = parser.parse_known_args(arguments)
    language.use(found.language or load_settings().language or os.environ.get(_INHERITED, ""))
    return rest


def _known(code: str) -> str:
    """Return the language that ``code`` names."""
    nearest = language.nearest(code)
    if nearest.partition("_")[0] != code.replace("-", "_").partition("_")[0]:
        known = ", ".join(language.available())
        raise argparse.ArgumentTypeError(
            _("There is no language “{code}”. Choose one of: {known}.", code=code, known=known)
        )
    return nearest


def only_language(arguments: list[str]) -> bool:
    """Return whether nothing but a language is asked for, so that the window is meant."""
    first, equals, _code = arguments[0].partition("=") if arguments else ("", "", "")
    return not arguments or (first == OPTION and len(arguments) <= (1 if equals else 2))
