import pytest
from pydantic import ValidationError

from core.data.readers.options import ReadOptions


def test_nothing_is_overridden_at_first():
    options = ReadOptions()
    assert (options.encoding, options.shape, options.columns, options.task) == ("", "", {}, {})


def test_options_survive_json():
    options = ReadOptions(encoding="cp1252", columns={"q": "question"}, task={"a.csv": "code"})
    assert ReadOptions.model_validate_json(options.model_dump_json()) == options


@pytest.mark.parametrize(
    "wrong", [{"shape": "round"}, {"columns": {"q": "queen"}}, {"no_such_option": 1}]
)
def test_unknown_values_are_refused(wrong):
    with pytest.raises(ValidationError):
        ReadOptions.model_validate(wrong)
