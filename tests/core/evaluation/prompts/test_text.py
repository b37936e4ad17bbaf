"""A prompt to copy holds training examples and ends where the question goes."""

from types import SimpleNamespace

from core.evaluation.prompts.text import prompt_text
from tests.core.evaluation.prompts.test_nearest import TRAINING


def version_of(examples, asked):
    def read(part):
        asked.append(part)
        return iter(examples)

    return SimpleNamespace(examples=read)


def test_five_examples_and_room_for_the_question():
    asked = []
    text = prompt_text(version_of(TRAINING, asked))
    assert asked == ["train"]
    assert text.count("Answer:\na") == 5
    assert text.endswith("---\n\nQuestion:\n")
    assert "Which trains go to Bern on Sunday?" in text


def test_fewer_examples_are_all_shown():
    text = prompt_text(version_of(TRAINING[:2], []))
    assert text.count("Answer:\n") == 2
