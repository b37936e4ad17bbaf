import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.readers.transcripts import transcript

EXPECTED = [("user", "Why?"), ("assistant", "So.")]


@pytest.mark.parametrize(
    "text",
    [
        "### Human: Why?### Assistant: So.",
        "### Instruction:\nWhy?\n\n### Response:\nSo.",
        "\n\nHuman: Why?\n\nAssistant: So.",
        "Q: Why?\nA: So.",
        "USER: Why? ASSISTANT: So.</s>",
        "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nSo.<|im_end|>",
        "<s>[INST] Why? [/INST] So. </s>",
        "<|user|>\nWhy?</s>\n<|assistant|>\nSo.</s>",
        "<bos><start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\nSo.<end_of_turn>",
    ],
)
def test_marks_of_speakers(text):
    assert transcript(text) == EXPECTED


def test_what_stands_before_the_first_sign_is_the_system_text():
    found = transcript("Below is a task.\n\n### Instruction:\nWhy?\n\n### Response:\nSo.")
    assert found == [("system", "Below is a task."), *EXPECTED]


def test_instruction_and_input_are_one_turn():
    found = transcript("### Instruction:\nWhy?\n\n### Input:\nx\n\n### Response:\nSo.")
    assert found == [("user", "Why?\n\nx"), ("assistant", "So.")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A story about a human: she was kind.",
        "He wrote:\nHuman: error\nand Assistant: editor, in the colophon.",
        "Human: only a question",
        "std::vector<int> a; // user: nobody",
        "Title: x\nAuthor: y",
    ],
)
def test_other_texts_have_no_speakers(text):
    assert transcript(text) is None


PIECES = st.sampled_from(
    ("### Human:", "Human:", "Assistant:", "[INST]", "[/INST]", "<<SYS>>", "\n", "<|user|>", " ")
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_text_is_turns_or_none(text):
    for role, said in transcript(text) or ():
        assert role in ("system", "user", "assistant", "tool")
        assert said == said.strip()
