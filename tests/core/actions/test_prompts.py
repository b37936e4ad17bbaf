from core.actions.prompts import best_prompt, last_prompts
from core.evaluation.prompts.spec import PromptsResult, Tried


def test_the_best_prompt_has_as_many_examples_as_did_best(walked):
    version = walked.facts.dataset_version
    for shots, questions in ((1, 2), (3, 4), (0, 6)):
        tried = [Tried(shots=shots, scores={"chrf": 50.0}), Tried(shots=5, scores={"chrf": 1.0})]
        text = best_prompt(walked.project, version, PromptsResult(tried=tried))
        assert text.count("Question:\n") == questions
    assert last_prompts(walked.project, version, "/another") is None
