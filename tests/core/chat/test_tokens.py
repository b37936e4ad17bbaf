"""What is learned, for the shapes of the chat templates in use."""

import pytest

from core.chat.packing import IGNORED
from core.chat.template import end_processes
from core.chat.tokens import (
    BEYOND,
    build_table,
    encode,
    render_prompt,
    tokenise,
    tokenise_all,
)
from core.data.example import Example, Message, Source
from core.errors import UserFacingError
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
    tokenizer.name_or_path = ""  # of no model that would lack rows for these tokens
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
    (encoded,) = encode(tokenizer, talk).texts
    prompt = render_prompt(tokenizer, talk.messages[:1])
    assert encoded.text.startswith(prompt)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    assert encoded.ids[: encoded.first] == before


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


def test_a_template_that_refuses_is_named(sample_model):
    from core.models.loading import load_tokenizer

    strict = load_tokenizer(sample_model)
    strict.chat_template = (
        "{% if messages | length > 2 %}{{ raise_exception('One question only') }}{% endif %}"
        + TEMPLATES["chatml"][0]
    )
    turns = [("user", "q"), ("assistant", "a"), ("user", "q"), ("assistant", "a")]
    item = tokenise(strict, example(*turns), 512)
    assert item.problem.endswith("cannot show this conversation: One question only.")
    assert item.ids == ()
    with pytest.raises(UserFacingError) as refusal:
        render_prompt(strict, example(*turns[:3]).messages)
    assert refusal.value.code == "model.template_rejects"
    assert "One question only" in refusal.value.what


def test_a_token_that_the_model_has_no_row_for_is_named(sample_model):
    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(sample_model)
    tokenizer.add_tokens(["⟨new⟩"])
    item = tokenise(tokenizer, example(("user", "q"), ("assistant", "a ⟨new⟩")), 512)
    assert item.problem == BEYOND.format(token="⟨new⟩")
    assert not tokenise(tokenizer, example(("user", "q"), ("assistant", "a")), 512).problem


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


SHORTENS = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}"
    "{% if m['role'] == 'assistant' and not loop.last %}(shown short) {% endif %}"
    "{{ m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TWICE = [("user", "One?"), ("assistant", "Uno."), ("user", "Two?"), ("assistant", "Dos.")]


@pytest.fixture
def shortening(sample_model):
    """A tokenizer whose template shows earlier answers in another way than the last one."""
    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(sample_model)
    tokenizer.chat_template = SHORTENS
    return tokenizer


def test_answers_that_are_shown_in_another_way_later_get_texts_of_their_own(shortening):
    items = tokenise_all(encode(shortening, example(*TWICE)), 512)
    assert [learned(shortening, item) for item in items] == ["Dos.<|im_end|>", "Uno.<|im_end|>"]
    whole = tokenise_all(encode(shortening, example(*TWICE[:2])), 512)
    assert whole == items[1:]


def test_rows_of_a_table_know_their_examples(shortening, tmp_path):
    talks = [example(*TWICE[:2]), example(*TWICE), example(*TWICE[:2])]
    table = build_table(shortening, talks, 512, tmp_path / "a.arrow")
    assert table.examples == [0, 1, 1, 2]
    assert table.notes() == {"several_texts": 1}
    assert table.cut == 0
    length = table.lengths[1] - 12  # the last answer of the longer talk lies behind the cut
    cut = build_table(shortening, talks, length, tmp_path / "b.arrow")
    assert cut.examples == [0, 1, 2]
    assert cut.cut == 1


def test_a_table_without_these_columns_is_read(tokenizer, tmp_path):
    from datasets import Dataset

    table = build_table(tokenizer, [example(*TWICE)] * 3, 512, tmp_path / "a.arrow")
    plain = Dataset.from_file(str(tmp_path / "a.arrow")).remove_columns(["example", "notes"])
    plain.save_to_disk(str(tmp_path / "old"))
    (tmp_path / "old" / "data-00000-of-00001.arrow").rename(tmp_path / "old.arrow")
    old = build_table(tokenizer, [], 512, tmp_path / "old.arrow")
    assert (old.lengths, old.examples, old.notes()) == (table.lengths, [0, 1, 2], {})


@pytest.mark.parametrize(("length", "raises"), [(4, True), (512, False)])
def test_a_longer_limit_is_only_advised_where_it_would_help(tokenizer, tmp_path, length, raises):
    talks = [example(("user", "only a question")), example(*TWICE)]
    with pytest.raises(UserFacingError) as refusal:
        build_table(tokenizer, talks, length, tmp_path / "a.arrow")
    assert ("length limit" in refusal.value.todo) is raises
