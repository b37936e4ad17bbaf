import pytest
from pydantic import ValidationError

from core.contract import params_type, read_result
from core.pairs.spec import PairsParams, PairsResult


def test_the_job_is_known_by_its_kind():
    assert params_type("pairs") is PairsParams
    result = PairsResult(passages=3, asked=2, passed=1, faults={"number": 1})
    assert read_result("pairs", result.document()) == result


def test_no_passage_is_no_wish():
    with pytest.raises(ValidationError):
        PairsParams(paths=("a",), base_model="b", most=0)
