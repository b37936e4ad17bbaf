from pathlib import Path

import pytest

from tests.sentences import all_texts_outside, texts_outside

_ROOT = Path(__file__).parents[1]


def _found(source: str, titles: bool = True) -> list[str]:
    return [text.text for text in texts_outside(source, Path("module.py"), titles)]


def test_every_text_that_is_shown_goes_through_the_language(monkeypatch):
    monkeypatch.chdir(_ROOT)
    outside = all_texts_outside([Path("core"), Path("gui")])
    assert not outside, "\n".join(map(str, outside))


@pytest.mark.parametrize(
    "source",
    [
        'label.setText("Nothing was found.")',
        'label.setText(f"{count} rows were read")',
        'button = QPushButton("Cancel")',
        'raise UserFacingError("a.b", "The disk is full.", _("Free some space."))',
        'TITLES = {"one": "The first one"}',
        'def title() -> str:\n    "Docstring here."\n    return "Still to do"',
        'text = _("Known words.") + " and more words"',
        "show(f\"{_('Known words.')} and more words\")",
        "parser.add_argument('--x', help='what it is for')",
    ],
)
def test_a_text_outside_is_found(source):
    assert len(_found(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""A module of words."""',
        'label.setText(_("Nothing was found."))',
        'log.info("a thing that happened at %s", 3)',
        'raise ValueError("not a name of a run")',
        'rows.execute("SELECT id FROM ratings WHERE run = ?")',
        'WORDS = ("how many", "how much")  # not shown: matched in data',
        'KEY = "training_story.title"',
        'x: Literal["one two", "three four"] = other',
    ],
)
def test_what_nobody_sees_is_left_alone(source):
    assert not _found(source)
