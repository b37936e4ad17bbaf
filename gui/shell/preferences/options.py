"""What can be chosen in the preferences, and how each choice is said."""

from __future__ import annotations

from collections.abc import Sequence

from core import language
from core.language import N_, _

LOOKS = (
    (N_("Same as system"), "system"),
    (N_("Light"), "light"),
    (N_("Dark"), "dark"),
    (N_("High contrast"), "contrast"),
)
SCALES = (
    (N_("Normal"), 1.0),
    (N_("Large"), 1.2),
    (N_("Larger"), 1.4),
    (N_("Largest"), 1.7),
)
CLOSING = ((N_("Ask"), "ask"), (N_("Keep training"), "go_on"), (N_("Pause"), "pause"))


def languages(chosen: str) -> tuple[tuple[str, str], ...]:
    """Return the languages by their own names, with the chosen one even if it is not listed."""
    names = dict.fromkeys([*language.available(), *([chosen] if chosen else [])])
    return ((_("Same as system"), ""), *((language.own_name(name), name) for name in names))


def said(options: Sequence[tuple[str, object]]) -> list[tuple[str, object]]:
    """Return the choices in the present language."""
    return [(_(text), value) for text, value in options]
