"""Greedy answers: the batch does not change them, and they stop where the template says."""

import pytest

from core.chat.template import end_processes
from core.chat.tokens import render_prompt
from core.data.example import Message
from core.errors import UserFacingError
from core.generation.answers import (
    Answerer,
    evaluating,
    generate,
    generate_answers,
    stop_tokens,
    without_reasoning,
)

JAPAN = "What is the capital of Japan?"


@pytest.fixture(scope="module")
def model(sample_model):
    from core.models.loading import load_base

    return load_base(sample_model, "none", "cpu")


@pytest.fixture(autouse=True)
def no_process_stays():
    yield
    end_processes()


def prompts(tokenizer, *questions):
    return [render_prompt(tokenizer, [Message("user", q)]) for q in questions]


def test_a_batch_gives_each_its_own_answer(model, tokenizer):
    # Questions whose first word the model is sure of: rounding differs between processors.
    asked = prompts(tokenizer, JAPAN, "What color is the sky?", "What is the capital of England?")
    seen = []
    found = generate_answers(model, tokenizer, asked, max_new_tokens=12, progress=seen.append)
    together = [answer.text for answer in found]
    assert "Tokyo" in together[0]
    assert "London" in together[2]
    assert seen[-1] == 3
    assert generate(model, tokenizer, asked, max_new_tokens=12) == together
    assert generate(model, tokenizer, asked[:1], max_new_tokens=12)[0] == together[0]


def test_a_model_that_suits_no_fast_decoder_answers_in_transformers_way(
    model, tokenizer, monkeypatch
):
    asked = prompts(tokenizer, JAPAN, "What is the capital of England?")
    monkeypatch.setattr("core.generation.choice._MOST", -1.0)
    found = generate_answers(model, tokenizer, asked, max_new_tokens=12, batch_size=1)
    assert "Tokyo" in found[0].text and "London" in found[1].text
    assert model.config._attn_implementation == "sdpa", "it is left as it was"


def test_no_question_has_no_answer(model, tokenizer):
    assert generate_answers(model, tokenizer, [], max_new_tokens=12) == []


def test_an_answer_ends_at_the_templates_token(model, tokenizer):
    assert tokenizer.convert_tokens_to_ids("<|im_end|>") in stop_tokens(model, tokenizer)
    (answer,) = generate(model, tokenizer, prompts(tokenizer, JAPAN), max_new_tokens=60)
    assert "<|im_end|>" not in answer
    assert len(answer.split()) < 20


def test_an_answer_that_runs_out_of_room_is_known_as_cut(model, tokenizer):
    asked = prompts(tokenizer, JAPAN, "What is the capital of England?")
    assert [a.cut for a in generate_answers(model, tokenizer, asked, max_new_tokens=2)] == [
        True
    ] * 2
    (whole,) = generate_answers(model, tokenizer, asked[:1], max_new_tokens=60)
    assert "Tokyo" in whole.text and not whole.cut
    both = generate_answers(
        model, tokenizer, [asked[0], prompts(tokenizer, "Tell a long tale.")[0]], max_new_tokens=60
    )
    assert [answer.cut for answer in both] == [False, True], "padding is no end of another answer"


def test_the_stop_token_of_another_template_is_found(model, sample_model):
    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(sample_model)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<end_of_turn>"]})
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}<end_of_turn>\n{% endfor %}"
    assert tokenizer.convert_tokens_to_ids("<end_of_turn>") in stop_tokens(model, tokenizer)


def test_a_sample_answer_leaves_the_training_mode(model, tokenizer):
    model.train()
    question = (Message("user", JAPAN),)
    asked, answer = Answerer(model, tokenizer, question, max_new_tokens=10).sample()
    assert asked == JAPAN
    assert "Tokyo" in answer
    assert model.training
    model.eval()
    with evaluating(model):
        assert not model.training
    assert not model.training


@pytest.mark.parametrize(
    ("written", "plain", "answer"),
    [
        ("It is so.<|im_end|>", "It is so.", "It is so."),
        ("hm\n</think>\n\nSo.<|im_end|>", "hm\n</think>\n\nSo.", "So."),
        ("<think>\n\n</think>\n\nSo.", "<think>\n\n</think>\n\nSo.", "So."),
        ("<think>\nendless", "<think>\nendless", "<think>\nendless"),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>"
            "So.<|return|>",
            "analysishmassistantfinalSo.",
            "So.",
        ),
    ],
)
def test_reasoning_is_no_part_of_an_answer(written, plain, answer):
    assert without_reasoning(written, plain) == answer


def test_a_question_of_no_words_has_a_sample_answer_too(model, tokenizer):
    asked, answer = Answerer(model, tokenizer, (), max_new_tokens=4).sample()
    assert asked == ""
    assert isinstance(answer, str)


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'x' * 9999999999 }}",
    ],
)
def test_a_hostile_template_cannot_hold_up_answers(model, sample_model, template):
    """Comparison, sample answers and the proof of an export ask with the base's own template."""
    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(sample_model)
    tokenizer.chat_template = template
    for ask in (
        lambda: stop_tokens(model, tokenizer),
        lambda: prompts(tokenizer, JAPAN),
        lambda: Answerer(model, tokenizer, (Message("user", JAPAN),)).sample(),
    ):
        with pytest.raises(UserFacingError) as refusal:
            ask()
        assert refusal.value.code == "model.template_unsafe"
        assert len(str(refusal.value)) < 300
