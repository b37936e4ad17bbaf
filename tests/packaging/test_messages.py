from __future__ import annotations

import json

from gui.kit.glossary import entries
from tests.packaging.test_trimming import ROOT, load


def test_the_texts_of_glossary_and_models_are_translated_too() -> None:
    known = load("messages").template()
    for entry in entries().values():
        assert known.get(entry.word) is not None
        assert known.get(entry.text) is not None
    for model in json.loads((ROOT / "resources" / "models.json").read_text("utf-8")):
        assert known.get(model["good_at"]) is not None
    assert known.get("Fine-tune a language model with your own examples, on your own computer.")


def test_marked_texts_are_found_wherever_they_stand() -> None:
    source = """
# Translators: the first
_("one")
say(f"{_('two')} {ngettext('{count} row', '{count} rows', n)}")
# nobody in particular
NAMES = {"x": N_("three")}
_(variable)
"""
    found = {text: (line, notes) for line, text, notes in load("messages").sentences_of(source)}
    assert found == {
        "one": (3, ["Translators: the first"]),
        "two": (4, []),
        ("{count} row", "{count} rows"): (4, []),
        "three": (6, []),
    }
