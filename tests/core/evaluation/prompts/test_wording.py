import pytest

from core.evaluation.prompts.spec import PromptsResult, Tried
from core.evaluation.prompts.wording import prompts_lines, prompts_sentence, subject_sentence


def result(*tried, measure="chrf", **more):
    found = [
        Tried(shots=shots, scores={"chrf": score, "exact_match": score / 100, **extra}, word=word)
        for shots, score, word, extra in tried
    ]
    return PromptsResult(questions=20, tried=found, measure=measure, **more)


@pytest.mark.parametrize(
    ("score", "word", "measure", "said"),
    [
        (44, "better", "chrf",
         "A prompt with 3 examples: closer to the expected answers (chrF 44, without them 21)."),
        (62, "better", "exact_match",
         "A prompt with 3 examples: 62% exactly right, without them 21%."),
        (22, "none", "chrf", "Examples in the prompt make no difference (chrF 21 without them)."),
        (30, "unknown", "exact_match",
         "Do examples in the prompt help? Not enough to tell (30% exactly right, without them "
         "21%)."),
        (10, "worse", "chrf", "Examples in the prompt make no difference (chrF 21 without them)."),
        (20, "unknown", "chrf",
         "Do examples in the prompt help? Not enough to tell (chrF 21, without them 21)."),
    ],
)  # fmt: skip
def test_how_far_a_prompt_gets(score, word, measure, said):
    found = result((0, 21, "unknown", {}), (3, score, word, {}), measure=measure)
    assert prompts_sentence(found) == f"{said} Train if that is not good enough."


def test_the_format_is_said_where_there_is_one():
    found = result(
        (0, 21, "unknown", {"format_share": 0.1}), (1, 44, "better", {"format_share": 0.9})
    )
    assert "In the right format: 90%, before 10%." in prompts_sentence(found)
    assert prompts_lines(found)[1].startswith("Base with 1 example in its prompt: ")
    assert prompts_lines(found)[-1].startswith("Asked: 20 questions")
    assert prompts_sentence(PromptsResult()) == "The base model could not be asked."


def test_a_subject_that_is_new_to_the_base_is_said_with_what_helps():
    foreign = PromptsResult(questions=9, answers=4.0, tasks={"a": 2.0, "b": 5.0}, everyday=1.0)
    assert "“b” seems new to the base model" in subject_sentence(foreign)
    assert "What helps:" in subject_sentence(foreign)
    assert subject_sentence(foreign.model_copy(update={"tasks": {}, "answers": 1.2})) == ""
    assert subject_sentence(PromptsResult()) == ""
