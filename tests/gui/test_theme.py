from __future__ import annotations

import pytest

from gui.theme import DARK, LIGHT, Colors, palette_of, stylesheet

VERSIONS = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@VERSIONS
def test_text_is_readable_on_every_background(colors: Colors) -> None:
    backgrounds = [colors.window, colors.surface, colors.sunken, colors.selection]
    tints = [colors.tint_neutral, colors.tint_good, colors.tint_warning, colors.tint_problem]
    for background in backgrounds + tints:
        assert contrast(colors.text, background) >= 4.5
    for background in (*backgrounds[:3], *tints):
        assert contrast(colors.muted, background) >= 4.5
        assert contrast(colors.accent, background) >= 4.5


@VERSIONS
def test_tones_are_readable_where_they_occur(colors: Colors) -> None:
    pairs = [
        (colors.good, colors.tint_good),
        (colors.warning, colors.tint_warning),
        (colors.problem, colors.tint_problem),
    ]
    for tone, tint in pairs:
        for background in (tint, colors.window, colors.surface, colors.sunken):
            assert contrast(tone, background) >= 4.5
    assert contrast(colors.on_accent, colors.accent) >= 4.5
    assert contrast(colors.on_accent, colors.accent_hover) >= 4.5


@VERSIONS
def test_lines_are_visible(colors: Colors) -> None:
    for background in (colors.window, colors.surface, colors.sunken):
        assert contrast(colors.line, background) >= 3
        assert contrast(colors.accent, background) >= 3


@VERSIONS
def test_the_palette_and_the_stylesheet_use_only_these_colours(colors: Colors) -> None:
    known = set(vars_of(colors))
    used = {word.rstrip(";") for word in stylesheet(colors).split() if word.startswith("#")}
    hexes = {word for word in used if len(word) == 7 and not word[1:].isalpha()}
    assert hexes
    assert hexes <= known
    palette = palette_of(colors)
    for role in (palette.ColorRole.Window, palette.ColorRole.Base, palette.ColorRole.Text):
        assert palette.color(role).name() in known


def vars_of(colors: Colors) -> list[str]:
    return [getattr(colors, name) for name in Colors.__dataclass_fields__]


def test_the_text_scale_changes_font_sizes() -> None:
    assert "18.0pt" in stylesheet(LIGHT)
    assert "27.0pt" in stylesheet(LIGHT, 1.5)
