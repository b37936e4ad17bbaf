import re

import pytest

from core.data.readers.conversations.roles import known_role
from core.data.readers.conversations.template_marks import CLOSING, ENDS, MARKS, SPEAKERS


def test_every_speaker_of_a_mark_is_a_role():
    assert all(role == "" or known_role(role) for role in SPEAKERS.values())


def test_every_mark_names_who_speaks():
    assert all("who" in mark.pattern.groupindex for mark in MARKS)


@pytest.mark.parametrize(
    "end", ["<|im_end|>", "</s>", "<|eot|>", "<｜end▁of▁sentence｜>", "<turn|>", "<|return|>"]
)
def test_ends_of_turns(end):
    assert ENDS.sub("", f"So.{end}") == "So."
    assert CLOSING.sub("", f"So. {end}\n") == "So."
    assert CLOSING.sub("", f"So. {end} More.") == f"So. {end} More."


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.pattern.pattern[:20])
def test_no_mark_takes_long_over_a_text_that_almost_matches(mark):
    for piece in ("<|im_start|>", "<|start|>a", "###", "### ", "[INST", "user ", "<|user|", "Q\n"):
        text = piece * (400_000 // len(piece))
        assert mark.pattern.groups
        assert len(re.findall(mark.pattern, text[:200_000])) <= len(text)
