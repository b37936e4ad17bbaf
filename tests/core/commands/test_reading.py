import argparse

import pytest

from core.commands.reading import add_reading, parse_reading
from core.errors import UserFacingError


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    add_reading(parser)
    return parse_reading(parser.parse_args(arguments))


def test_columns_and_speakers():
    read = parsed(
        "--column", "a=b=question", "--column", "note=answer", "--speaker", "Mika=assistant"
    )
    assert read.columns == {"a=b": "question", "note": "answer"}
    assert read.speakers == {"Mika": "assistant"}
    assert parsed().columns == {}


@pytest.mark.parametrize(
    "option", [("--column", "a"), ("--column", "a=b"), ("--speaker", "x=boss")]
)
def test_roles_that_there_are_not(option):
    with pytest.raises(UserFacingError) as refusal:
        parsed(*option)
    assert refusal.value.code == "cli.reading"
    assert "question" in refusal.value.todo
