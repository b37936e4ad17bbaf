from core.contract import params_type, read_result
from core.evaluation.prompts.spec import PromptsParams, PromptsResult, Tried


def test_the_result_is_read_back_and_knows_its_best():
    tried = [
        Tried(shots=shots, scores={"chrf": chrf, "exact_match": 0.0})
        for shots, chrf in ((0, 20.0), (1, 40.0), (3, 40.0), (5, 30.0))
    ]
    result = PromptsResult(questions=9, tried=tried, answers=1.0, tasks={"a": 2.0}, everyday=0.5)
    assert params_type("prompts") is PromptsParams
    assert read_result("prompts", result.document()) == result
    assert result.best.shots == 1, "the fewest of equals"
    assert PromptsResult().best is None
