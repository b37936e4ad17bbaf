from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gui.shell.how_tos import texts
from gui.shell.how_tos.how_to import HowTo
from gui.shell.how_tos.texts import HOW_TOS
from tests.packaging.test_trimming import load

each = pytest.mark.parametrize("how_to", HOW_TOS, ids=lambda how_to: how_to.key)


def marked_texts() -> Iterator[str]:
    """Yield every text of the window that is marked for translation outside the how-tos."""
    own = Path(texts.__file__)
    for file in own.parents[2].rglob("*.py"):
        if file == own:
            continue
        for _line, text, _notes in load("messages").sentences_of(file.read_text("utf-8")):
            if isinstance(text, str):
                yield text


SHOWN = frozenset(marked_texts())


@each
def test_every_control_is_called_as_in_the_window(how_to: HowTo) -> None:
    named = [name for step in how_to.steps for name in step.names.values()]
    assert named
    assert [name for name in named if name not in SHOWN] == []


@each
def test_no_control_is_named_by_heart(how_to: HowTo) -> None:
    for step in how_to.steps:
        quoted = re.findall("“([^”]*)”", step.text)
        assert {f"{{{key}}}" for key in step.names} >= set(quoted)
        assert "&" not in step.said()


@each
def test_they_are_short(how_to: HowTo) -> None:
    assert 5 <= len(how_to.steps) <= 9
    assert all(len(step.said()) <= 160 for step in how_to.steps)
