"""What is learned behind which prompt, for the habits of well-known families."""

import re

import pytest

from core.chat.readings import Reader, end_marks, reader_of
from core.chat.template import KnownTemplate, TemplateRejectsError, end_processes
from core.data.example import Message
from tests.core.training.shapes import SHAPES

Q, A = Message("user", "Why?"), Message("assistant", "So.")
Q2, A2 = Message("user", "And?"), Message("assistant", "Thus.")
SYSTEM = Message("system", "Be kind.")
THOUGHT = Message("assistant", "So.", reasoning="Let me see")
MARKS = re.compile(r"<[^\s<>'{}]+>|\[/?INST\]")


@pytest.fixture(autouse=True)
def no_process_stays():
    yield
    end_processes()


def reader(name):
    template = SHAPES.get(name, name)
    marks = {found for found in MARKS.findall(template) if "think" not in found}
    return Reader(KnownTemplate(template, {}), sorted({*marks, "<|user|>"}))


def shown(name, *turns):
    """Return the texts of a conversation with what is learned between ⟦ and ⟧."""
    texts = []
    for text in reader(name).read(turns).texts:
        marked, end = "", 0
        for start, stop in text.spans:
            marked += text.text[end:start] + "⟦" + text.text[start:stop] + "⟧"
            end = stop
        texts.append(marked + text.text[end:])
    return texts


def notes(name, *turns):
    return set(reader(name).read(turns).notes)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(
    "turns",
    [(Q, A), (Q, A, Q2, A2), (SYSTEM, Q, A, Q2, A2), (Q, THOUGHT), (Q, THOUGHT, Q2, A2), (A,)],
)
def test_every_answer_is_learned_once_behind_its_own_prompt(name, turns):
    found = reader(name)
    readings = found.read(turns)
    prompts = {found.prompt(turns[:n]) for n, turn in enumerate(turns) if turn.role == "assistant"}
    spans = [(text.text, *span) for text in readings.texts for span in text.spans]
    assert {text[:start] for text, start, _ in spans} == prompts
    assert len(spans) == len(prompts)
    learned = [text[start:stop] for text, start, stop in spans]
    for turn in turns:
        if turn.role == "assistant":
            mine = [text for text in learned if turn.content in text]
            assert len(mine) == 1
            assert turn.reasoning in mine[0]
        assert any(turn.content in text.text for text in readings.texts)


def test_one_text_where_later_prompts_repeat_the_answer_as_it_was_learned():
    assert shown("phi", Q, A, Q2, A2) == [
        "<|user|>\nWhy?<|end|>\n<|assistant|>\n⟦So.<|end|>⟧\n"
        "<|user|>\nAnd?<|end|>\n<|assistant|>\n⟦Thus.<|end|>⟧\n<eos>"
    ]


def test_one_text_for_each_answer_where_they_do_not():
    last, first = shown("qwen-thinking", Q, A, Q2, A2)
    head = "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"
    assert first == f"{head}⟦<think>\n\n</think>\n\nSo.<|im_end|>⟧\n"
    assert last == (
        f"{head}So.<|im_end|>\n<|im_start|>user\nAnd?<|im_end|>\n<|im_start|>assistant\n"
        "⟦<think>\n\n</think>\n\nThus.<|im_end|>⟧\n"
    )
    assert notes("qwen-thinking", Q, A, Q2, A2) == {"several_texts", "empty_thinking"}
    assert notes("qwen-thinking", Q, THOUGHT) == set()


def test_a_prompt_that_opens_the_reasoning_is_learned_on():
    (text,) = shown("r1-distill", Q, A)
    assert text == "<bos><|user|>Why?<|bot|><think>\n⟦\n</think>\n\nSo.<|end|>⟧"
    thinks = ["<bos><|user|>Why?<|bot|><think>\n⟦Let me see\n</think>\n\nSo.<|end|>⟧"]
    assert shown("r1-distill", Q, THOUGHT) == thinks
    inside = Message("assistant", "<think>Let me see</think>So.")
    assert shown("r1-distill", Q, inside) == thinks, "the template leaves such a reasoning out"
    assert notes("r1-distill", Q, A) == {"other_prompt", "empty_thinking"}


def test_a_prompt_that_closes_the_reasoning():
    closed = "<|im_start|>assistant\n<think>\n\n</think>\n\n"
    assert shown("no-thinking", Q, A)[0].endswith(f"{closed}⟦So.<|im_end|>⟧\n")
    assert notes("no-thinking", Q, A) == set(), "nothing of it is learned"
    thinks = f"{closed}⟦<think>\nLet me see\n</think>\n\nSo.<|im_end|>⟧\n"
    assert shown("no-thinking", Q, THOUGHT)[0].endswith(thinks)


def test_reasoning_where_the_template_has_no_place_for_it():
    end = "<|assistant|>\n⟦<think>\nLet me see\n</think>\n\nSo.<|end|>⟧\n<eos>"
    assert shown("phi", Q, THOUGHT)[0].endswith(end)
    assert notes("phi", Q, THOUGHT) == {"reasoning_added"}
    last, first = shown("phi", Q, THOUGHT, Q2, A2)
    assert first.endswith(end)
    assert "Let me see" not in last, "prompts hold no reasoning of earlier answers"


def test_reasoning_that_the_template_cuts_out_of_an_answer():
    cuts = SHAPES["r1-distill"].replace("<|bot|><think>\\n", "<|bot|>").replace("<think>\n", "")
    inside = Message("assistant", "<think>Let me see</think>So.")
    assert shown(cuts, Q, inside) == [
        "<bos><|user|>Why?<|bot|>⟦<think>\nLet me see\n</think>\n\nSo.<|end|>⟧"
    ]


def test_no_end_is_taken_from_ordinary_words():
    plain = (
        "{% for m in messages %}{{ m.role + ': ' + m.content + ' ' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
    )
    assert reader(plain).end == ""
    assert shown(plain, Q, A, Q2, A2) == [
        "user: Why? assistant:⟦ So. ⟧user: And? assistant:⟦ Thus. ⟧"
    ]


def test_reasoning_in_a_channel():
    assert shown("harmony", Q, THOUGHT) == [
        "<|start|>user<|message|>Why?<|end|><|start|>assistant⟦<|channel|>analysis<|message|>"
        "Let me see<|end|><|start|>assistant<|channel|>final<|message|>So.<|return|>⟧"
    ]
    assert len(shown("harmony", Q, A, Q2, A2)) == 2, "only the last answer has its own end"


def test_a_system_text_that_only_the_prompt_shows():
    (text,) = shown("mistral", SYSTEM, Q, A)
    assert text == "<s>[INST] Be kind.\n\nWhy?[/INST]⟦ So.</s>⟧"
    assert notes("mistral", SYSTEM, Q, A) == {"system_in_question"}


def test_what_the_template_refuses_goes_into_the_question():
    (text,) = shown("gemma", SYSTEM, Q, A)
    assert text.startswith("<bos><start_of_turn>user\nBe kind.\n\nWhy?<end_of_turn>")
    assert notes("gemma", SYSTEM, Q, A) == {"system_in_question"}
    (text,) = shown("gemma", Q, A, Message("tool", "11 degrees"), A2)
    assert "<start_of_turn>user\n11 degrees<end_of_turn>" in text
    assert notes("phi", Q, A, Message("tool", "11 degrees"), A2) == {"tool_in_question"}
    assert notes("gemma", A) == {"empty_question"}


def test_an_answer_that_only_the_next_turn_ends():
    assert reader("glm").end == "<|user|>"
    assert shown("glm", Q, A, Q2, A2) == [
        "<sop><|user|>\nWhy?<|assistant|>⟦\nSo.<|user|>⟧\nAnd?<|assistant|>⟦\nThus.<|user|>⟧"
    ]


@pytest.mark.parametrize(
    ("name", "end"),
    [("phi", "<|end|>"), ("mistral", "</s>"), ("harmony", "<|return|>"), ("a{{ 1 }}", "")],
)
def test_the_end_of_an_answer(name, end):
    assert reader(name).end == end


@pytest.mark.parametrize(
    ("tail", "learned"),
    [
        ("<|im_end|>\n", "<|im_end|>"),
        ("<|a|><|im_end|>\n<|b|>", "<|a|><|im_end|>"),
        (" <|im_end|>", " <|im_end|>"),
        ("\n\n", "\n\n"),
        ("", ""),
    ],
)
def test_how_much_behind_an_answer_is_learned(tail, learned):
    template = f"{{% for m in messages %}}{{{{ m.content }}}}{{% endfor %}}{{{{ {tail!r} }}}}"
    found = Reader(KnownTemplate(template, {}), ["<|im_end|>", "<|a|>", "<|b|>"])
    (text,) = found.read((Q, A)).texts
    assert text.text.endswith(f"So.{tail}")
    start, stop = text.spans[0]
    assert text.text[start:stop].endswith(f"So.{learned}")


def test_turns_that_are_not_learned():
    masked = Message("assistant", "Uno.", trained=False)
    (text,) = shown("phi", Q, masked, Q2, A2)
    assert "\nUno.<|end|>" in text
    assert "⟦Uno" not in text
    for turns in [(Q,), (Q, masked), (Q, Message("assistant", " "))]:
        (text,) = reader("phi").read(turns).texts
        assert text.spans == ()


def test_what_follows_the_last_answer_is_not_read():
    assert shown("phi", Q, A, Q2) == shown("phi", Q, A)


@pytest.mark.parametrize(
    ("content", "name"),
    [("e", "phi"), ("assistant", "phi"), ("<|end|>", "phi"), (" x\n", "gemma"), ("user\n", "glm")],
)
def test_answers_that_look_like_the_templates_own_words(content, name):
    (text,) = reader(name).read((Q, Message("assistant", content))).texts
    start, stop = text.spans[0]
    assert text.text[start:stop].lstrip("\n").startswith(content.strip())
    assert text.text[:start] == reader(name).prompt((Q,))


@pytest.mark.parametrize("role", ["system", "user", "assistant", "tool"])
def test_a_template_that_leaves_out_turns_is_told(role):
    """It shows a kind of turn in small trials, but not in this conversation."""
    sly = (
        "{% for m in messages %}{% if m.role != '" + role + "' or loop.last or 'GONE' not in "
        "m.content %}{{ m.role + ':' + m.content + '<|end|>' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
    )
    gone = Message(role, "GONE", trained=False)
    start = [gone, Q] if role == "system" else [Q, A, gone, Q2]
    assert notes(sly, *start, A2) >= {f"lost_{role}"}
    assert not notes(SHAPES["json-tools"], Q, A, Message("tool", '{"a": "ü"}'), A2)


def test_a_template_that_leaves_out_the_answer_is_refused_with_the_true_reason():
    silent = "{% for m in messages %}{{ m.role }}{% endfor %}"
    with pytest.raises(TemplateRejectsError, match="leaves out the text of the answer"):
        reader(silent).read((Q, A))


def test_a_template_that_shows_nothing_is_refused_when_it_is_asked():
    empty = reader("{{ messages | attr('__init__') | attr('__globals__') }}")
    with pytest.raises(TemplateRejectsError, match="leaves out the text of the question"):
        empty.prompt((Q,))


def test_ends_that_are_only_added_to_the_tokenizer(sample_model):
    from tokenizers import AddedToken

    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(sample_model)
    tokenizer.add_tokens([AddedToken("<end_of_turn>", special=True), "<|fin|>", "\n\n\n", "word"])
    assert {"<end_of_turn>", "<|fin|>", "<|im_end|>"} <= set(end_marks(tokenizer))
    assert not {"\n\n\n", "word"} & set(end_marks(tokenizer))
    assert "<end_of_turn>" not in tokenizer.all_special_tokens


def test_a_reader_is_kept_as_long_as_the_template_is_the_same(tokenizer, sample_model):
    from core.models.loading import load_tokenizer

    assert reader_of(tokenizer) is reader_of(tokenizer)
    other = load_tokenizer(sample_model)
    before = reader_of(other)
    other.chat_template = SHAPES["phi"]
    assert reader_of(other) is not before
