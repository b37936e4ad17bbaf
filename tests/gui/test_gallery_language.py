"""The same scenes under the pseudo-language: nothing is cut, nothing untranslated."""
# ruff: noqa: F811 - fixtures that are imported

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from core.language import PSEUDO
from tests.gui.readable import cut_texts, overlapping, untranslated_texts
from tests.gui.test_gallery import (
    LANGUAGE,
    SCALE,
    SCENES,
    WINDOW,
    Stage,
    draw,
    gallery,  # noqa: F401
    light_again,  # noqa: F401
    stage,  # noqa: F401
)

# What a scene fills in is nobody's to translate: names, files, a brand, and the buttons of Qt's own
# dialogs, which have no pseudo-language.
DATA = re.compile(
    r"Support [a…].*|Sample project|SmolLM2 135M Instruct|BLEU|chrF|ROUGE-L"
    r"|&?(Save|Cancel|Close|OK)"
    r"|What does this function do\?[\s\S]*|And what does this one do\?|python|http:.*"
    r"|What comes after .*|How do I descale.*|\d+ .?tokens.*"
    r"|(release notes|support)\.jsonl.*|.* \(train-\d+\)"
    r"|`area`: .*|8, .*|This function calculates the area.*"
    r"|Ctrl.*|Tab|Esc|train-\d+|Qwen3.*|\d+% · .*|pyqtgraph [\s\S]*|general_examples[\s\S]*"
    r"|PySide6[\s\S]*|[A-Z][a-z]{2} \d+, \d{4}|Release notes.*|Invoices|With the cleaned file\."
    r"|(This function calculates the area by multiplying width and height\. ?)+"
    r"|WhatsApp Chat.*|Warm regards,\nMargit Hollander"
    r"|sudo apt.*|• (qwen|saving):.*|Version 0\.2\.0[\s\S]*"
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_everything_is_translated_and_nothing_is_cut(
    scene: Callable[[Stage], None], stage: Stage, gallery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the pseudo-language, whose sentences are 40 % longer than the English ones."""
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", LANGUAGE)
    stage.session.change_settings(text_scale=float(SCALE))
    look = f"{LANGUAGE}-{WINDOW}-{SCALE}"
    draw(scene, "light", stage, gallery / f"{scene.__name__}-{look}.png")
    assert LANGUAGE != PSEUDO or untranslated_texts(stage.window, DATA) == []
    assert cut_texts(stage.window) == []
    assert overlapping(stage.window) == []
