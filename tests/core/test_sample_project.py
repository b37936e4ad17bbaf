import re

import pytest

from core.errors import UserFacingError
from core.sample_project import ANSWER_FORMAT, EXAMPLES, NAME, open_sample


def test_it_is_made_once_and_found_again(tmp_path):
    made = open_sample(tmp_path / "s")
    assert made.name == NAME
    assert made.info()["answer_format"] == ANSWER_FORMAT
    assert open_sample(tmp_path / "s") == made


def test_foreign_files_are_not_mixed_with_it(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(UserFacingError) as refusal:
        open_sample(tmp_path)
    assert refusal.value.code == "project.not_empty"


def test_its_examples_are_packaged():
    assert EXAMPLES.is_file()


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        ("`parse`: Create a message structure from the data.", True),
        ("`Base._run`: Run once.", True),
        ("parse: Create a message.", False),
        ("`parse`: create a message.", False),
        ("`parse`: Two\nlines.", False),
        ("This function parses.", False),
    ],
)
def test_the_house_format(answer, fits):
    assert bool(re.fullmatch(ANSWER_FORMAT, answer)) is fits
