import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.readers.conversations.transcripts import bare_answer, open_prompt, transcript

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
        "<bos><|turn>user\nWhy?<turn|>\n<|turn>model\nSo.<turn|>\n",
        "<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nSo.<|eot_id|>",
        "<|begin_of_text|><|header_start|>user<|header_end|>\n\nWhy?<|eot|>"
        "<|header_start|>assistant<|header_end|>\n\nSo.<|eot|>",
        "<|start|>user<|message|>Why?<|end|><|start|>assistant<|channel|>final<|message|>So.<|return|>",
        "<|start_of_role|>user<|end_of_role|>Why?<|end_of_text|>\n"
        "<|start_of_role|>assistant<|end_of_role|>So.<|end_of_text|>",
        "<｜begin▁of▁sentence｜><｜User｜>Why?<｜Assistant｜>So.<｜end▁of▁sentence｜>",
        "<BOS_TOKEN><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Why?<|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>So.<|END_OF_TURN_TOKEN|>",
        "<|user|>\nWhy?<|end|>\n<|assistant|>\nSo.<|end|>",
        "[|user|]Why?[|endofturn|]\n[|assistant|]So.[|endofturn|]",
        "<|user_start|>Why?<|user_end|><|assistant_start|>So.<|assistant_end|>",
        "<|im_user|>user<|im_middle|>Why?<|im_end|><|im_assistant|>assistant<|im_middle|>So.<|im_end|>",
        "<extra_id_1>User\nWhy?\n<extra_id_1>Assistant\nSo.\n",
        "<seed:bos>user\nWhy?<seed:eos><seed:bos>assistant\nSo.<seed:eos>",
        "<human>: Why?\n<bot>: So.",
        "<用户>Why?<AI>So.</s>",
        "<reserved_106>Why?<reserved_107>So.",
        "<|prompter|>Why?<|endoftext|><|assistant|>So.<|endoftext|>",
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


def test_a_system_text_of_mistral_and_of_deepseek():
    mistral = "<s>[SYSTEM_PROMPT]Be brief.[/SYSTEM_PROMPT][INST]Why?[/INST]So.</s>"
    assert transcript(mistral) == [("system", "Be brief."), *EXPECTED]
    deepseek = "<｜begin▁of▁sentence｜>" + "Be brief. " * 90 + "<｜User｜>Why?<｜Assistant｜>So."
    assert transcript(deepseek)[1:] == EXPECTED


def test_tools_of_mistral_are_turns_of_their_own():
    text = (
        "[AVAILABLE_TOOLS][{}][/AVAILABLE_TOOLS][INST] Why? [/INST][TOOL_CALLS][1]</s>"
        "[TOOL_RESULTS]2[/TOOL_RESULTS]So.</s>"
    )
    assert transcript(text) == [
        ("system", "[{}]"), ("user", "Why?"), ("assistant", "[1]"), ("tool", "2"),
        ("assistant", "So."),
    ]  # fmt: skip


def test_what_harmony_says_on_another_channel_is_the_answers_reasoning():
    text = (
        "<|start|>user<|message|>Why?<|end|><|start|>assistant<|channel|>analysis<|message|>Hm.<|end|>"
        "<|start|>assistant<|channel|>commentary to=functions.look<|message|>{}<|call|>"
        "<|start|>functions.look to=assistant<|channel|>commentary<|message|>1<|end|>"
        "<|start|>assistant<|channel|>final<|message|>So.<|return|>"
    )
    assert transcript(text) == [
        ("user", "Why?"), ("assistant", "<think>Hm.</think>{}"), ("tool", "1"),
        ("assistant", "So."),
    ]  # fmt: skip


def test_a_named_speaker_is_no_part_of_the_turn_before():
    text = "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nSo.<|im_end|>\n"
    assert transcript(f"{text}<|im_start|>Captain Brine\nArr!<|im_end|>") == [
        *EXPECTED, ("Captain Brine", "Arr!"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "prompt",
    [
        "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n",
        "<s>[INST] Why? [/INST]",
        "### Instruction:\nWhy?\n\n### Response:\n",
        "\n\nHuman: Why?\n\nAssistant:",
        "<|im_start|>user\nWhy?<|im_end|>\n",
        "<｜User｜>Why?<｜Assistant｜><think>\n",
    ],
)
def test_a_rendered_prompt_is_its_turns(prompt):
    assert open_prompt(prompt) == EXPECTED[:1]


@pytest.mark.parametrize("text", ["Why?", "Question: why?", "Human: Why?\nAssistant: So."])
def test_other_questions_are_no_rendered_prompts(text):
    assert open_prompt(text) is None


def test_an_answer_without_its_marks():
    assert bare_answer("So.<|im_end|>\n") == "So."
    assert bare_answer("<|im_start|>assistant\nSo.<|im_end|>") == "So."
    assert bare_answer("a </s> b") == "a </s> b"


def test_a_million_marks_of_one_speaker_take_no_quadratic_time():
    begin = time.process_time()
    assert transcript("A: no\n" + "Q: why\n" * 10_000 + "A: so")[1][0] == "user"
    assert transcript("A: no\n" + "Q: why\n" * 300_000 + "A: so") is None
    assert time.process_time() - begin < 20
