"""What is learned, for the shapes of the chat templates in use."""

import pytest

from core.data.example import Example, Message, Source
from core.errors import UserFacingError
from core.training.packing import IGNORED
from core.training.templates import TemplateRejectsError, end_processes
from core.training.tokens import (
    build_table,
    render,
    render_prompt,
    tokenise,
)
from tests.core.training.conftest import examples

HEADER = "'<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
TEMPLATES = {
    "llama-3": (
        "{{ bos_token }}{% for message in messages %}{{ " + HEADER + " }}"
        "{{ message['content'] | trim }}{{ '<|eot_id|>' }}{% endfor %}"
        "{% if add_generation_prompt %}"
        "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
        "<|eot_id|>",
    ),
    "chatml": (
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
        "{{ message['content'] + '<|im_end|>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
        "<|im_end|>",
    ),
    "mistral": (
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
        "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% else %}"
        "{{ ' ' + message['content'] + '</s>' }}{% endif %}{% endfor %}",
        "</s>",
    ),
    "gemma": (
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
        "{{ raise_exception('System role not supported') }}{% endif %}"
        "{% for message in messages %}"
        "{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else 'user') + '\n' }}"
        "{{ message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}",
        "<end_of_turn>",
    ),
}


def example(*turns: tuple[str, str], **message_values) -> Example:
    messages = tuple(Message(role, text, **message_values) for role, text in turns)
    return Example(messages, Source("x.jsonl", 7))


@pytest.fixture(scope="module", params=["sample", *TEMPLATES])
def shaped(request, sample_model):
    """(tokenizer with the template, token that ends an answer)."""
    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(sample_model)
    if request.param == "sample":
        return tokenizer, "<|im_end|>"
    template, end = TEMPLATES[request.param]
    marks = [m for m in (end, "<|start_header_id|>", "[INST]", "<start_of_turn>") if m in template]
    tokenizer.add_special_tokens({"additional_special_tokens": marks})
    tokenizer.chat_template = template
    return tokenizer, end


@pytest.fixture(autouse=True)
def no_process_stays():
    yield
    end_processes()


def learned(tokenizer, item) -> str:
    return tokenizer.decode([t for t in item.labels if t != IGNORED])


def test_exactly_the_answer_and_its_end_are_learned(shaped):
    tokenizer, end = shaped
    item = tokenise(tokenizer, example(("user", "Why?"), ("assistant", "Because 42.")), 512)
    assert learned(tokenizer, item).strip() == f"Because 42.{end}"
    assert item.cut == 0
    assert item.problem == ""


def test_every_answer_of_a_longer_talk_is_learned(shaped):
    tokenizer, end = shaped
    turns = [("user", "One?"), ("assistant", "Uno."), ("user", "Two?"), ("assistant", "Dos.")]
    text = learned(tokenizer, tokenise(tokenizer, example(*turns), 512))
    assert text.replace(" ", "") == f"Uno.{end}Dos.{end}"


def test_a_turn_with_weight_zero_is_masked(shaped):
    tokenizer, end = shaped
    messages = (
        Message("user", "One?"),
        Message("assistant", "Uno.", trained=False),
        Message("user", "Two?"),
        Message("assistant", "Dos."),
    )
    item = tokenise(tokenizer, Example(messages, Source("x", 1)), 512)
    assert learned(tokenizer, item).strip() == f"Dos.{end}"


def test_the_prompt_is_how_the_trained_text_begins(shaped):
    tokenizer, _end = shaped
    talk = example(("user", "Why?"), ("assistant", "So."))
    text, [(begin, _)] = render(tokenizer, talk)
    assert text[:begin] == render_prompt(tokenizer, talk.messages[:1])


def test_an_answer_behind_the_cut_is_a_problem(tokenizer):
    item = tokenise(tokenizer, example(("user", "word " * 100), ("assistant", "So.")), 40)
    assert len(item.ids) == 40
    assert item.cut > 60
    assert "cut" in item.problem


@pytest.mark.parametrize(
    "turns",
    [[("user", "Only a question?")], [("assistant", "")], [("user", ""), ("user", "x")]],
)
def test_rows_without_an_answer_are_named(tokenizer, turns):
    assert "no answer" in tokenise(tokenizer, example(*turns), 512).problem


def test_plain_text_is_learned_from_its_first_word(shaped):
    tokenizer, end = shaped
    item = tokenise(tokenizer, example(("assistant", "Once upon a time.")), 512)
    assert learned(tokenizer, item).strip() == f"Once upon a time.{end}"


def test_a_template_that_refuses_is_named(tokenizer, sample_model):
    from core.models.loading import load_tokenizer

    strict = load_tokenizer(sample_model)
    strict.chat_template = TEMPLATES["gemma"][0]
    item = tokenise(strict, example(("system", "s"), ("user", "q"), ("assistant", "a")), 512)
    assert "System role not supported" in item.problem
    assert item.ids == ()


def test_a_template_that_rewrites_earlier_turns_is_refused(sample_model):
    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(sample_model)
    tokenizer.chat_template = (
        "{{ messages | length }}{% for m in messages %}{{ m['content'] }}{% endfor %}"
    )
    with pytest.raises(TemplateRejectsError):
        render(tokenizer, example(("user", "a"), ("assistant", "b")))


def test_the_table_gives_back_what_was_tokenised(tokenizer, tmp_path):
    talks = [example(("user", f"{n}?"), ("assistant", "x " * n)) for n in range(1, 6)]
    table = build_table(tokenizer, talks, 64, tmp_path / "a.arrow")
    assert len(table) == 5
    for n, talk in enumerate(talks):
        item = tokenise(tokenizer, talk, 64)
        assert tuple(table.row(n).ids) == item.ids
        assert tuple(table.row(n).labels) == item.labels
        assert (table.lengths[n], table.trained[n]) == (len(item.ids), item.trained)
    reused = build_table(tokenizer, [], 64, tmp_path / "a.arrow")
    assert reused.lengths == table.lengths


def test_cut_rows_are_counted(tokenizer, tmp_path):
    talks = [example(("user", "q"), ("assistant", "word " * n)) for n in (5, 200)]
    assert build_table(tokenizer, talks, 64, tmp_path / "a.arrow").cut == 1


def test_an_unlearnable_row_stops_before_training(tokenizer, tmp_path):
    talks = [example(("user", "q"), ("assistant", "a")), example(("user", "only a question"))]
    with pytest.raises(UserFacingError) as refusal:
        build_table(tokenizer, talks, 64, tmp_path / "a.arrow")
    assert refusal.value.code == "data.unlearnable"
    assert "x.jsonl, line 7" in refusal.value.what
    assert not (tmp_path / "a.arrow").exists()


def test_examples_are_not_printed(tokenizer, tmp_path, capfd):
    """What is printed lies in the log, which people share when they ask for help."""
    build_table(tokenizer, examples(3), 128, tmp_path / "train.arrow")
    printed = capfd.readouterr()
    assert "What comes after" not in printed.out + printed.err
