from __future__ import annotations

import pytest

from gui.kit.look.colors import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colors

EACH = {
    "light": LIGHT,
    "dark": DARK,
    "contrast light": CONTRAST_LIGHT,
    "contrast dark": CONTRAST_DARK,
}
VERSIONS = pytest.mark.parametrize("colors", EACH.values(), ids=EACH)


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
    assert contrast(colors.on_fill, colors.fill) >= 4.5
    assert contrast(colors.on_fill, colors.fill_hover) >= 4.5


@VERSIONS
def test_buttons_are_readable(colors: Colors) -> None:
    for behind in (colors.button, colors.button_hover, colors.selection):
        assert contrast(colors.text, behind) >= 4.5
    for behind in (colors.button, colors.window, colors.surface, colors.sunken):
        assert contrast(colors.muted, behind) >= 4.5  # one that is switched off
        assert contrast(colors.accent, behind) >= 3  # the line around one that is checked
    assert contrast(colors.window, colors.text) >= 4.5  # a toast


@VERSIONS
def test_high_contrast_is_seven_to_one(colors: Colors) -> None:
    if colors.outline == "transparent":
        return  # one of the usual ones
    tones = (colors.text, colors.muted, colors.accent, colors.good, colors.warning, colors.problem)
    for behind in (colors.window, colors.surface, colors.sunken, colors.tint_problem):
        for tone in (*tones, colors.line, colors.outline):
            assert contrast(tone, behind) >= 7
    tints = [colors.tint_neutral, colors.tint_good, colors.tint_warning, colors.tint_problem]
    for behind in (*tints, colors.button, colors.button_hover, colors.selection):
        assert contrast(colors.text, behind) >= 7
    for behind in (colors.fill, colors.fill_hover):
        assert contrast(colors.on_fill, behind) >= 7
    assert contrast(colors.window, colors.text) >= 7  # a toast


@VERSIONS
def test_lines_are_visible(colors: Colors) -> None:
    for background in (colors.window, colors.surface, colors.sunken):
        assert contrast(colors.fill, background) >= 3
        assert contrast(colors.line, background) >= 3
        assert contrast(colors.accent, background) >= 3
