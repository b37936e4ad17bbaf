"""The pieces of an answer: whole characters, no marker, no stop text, reasoning apart."""

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from core.generation.text import Writer

CHANNELS = ["<|channel|>", "<|message|>", "<|start|>", "<|end|>", "<|return|>"]


def byte_tokenizer(special=("<|im_end|>",), added=()):
    """A tokenizer with one token for each byte, so that every marker comes in parts."""
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)
    fast.add_special_tokens({"additional_special_tokens": list(special)})
    fast.add_tokens(list(added))
    return fast


def written(tokenizer, text, prompt="", stop=()):
    """Return (answer, reasoning, pieces) of a text that is written token by token."""
    writer = Writer(tokenizer, prompt, stop)
    pieces = []
    for token in tokenizer(text, add_special_tokens=False)["input_ids"]:
        pieces += writer.feed(token)
    pieces += writer.close()
    answer = "".join(p.text for p in pieces if not p.thinking)
    return answer, "".join(p.text for p in pieces if p.thinking), pieces


@pytest.fixture(scope="module")
def plain():
    return byte_tokenizer()


@pytest.mark.parametrize(
    "text", ["Paris.", "  \n so it is \n ", "a  b\n\nc", "ü 漢字 🙂 é", "", " ", "if a < b: c <d"]
)
def test_pieces_joined_are_the_trimmed_text(plain, text):
    answer, thinking, pieces = written(plain, text)
    assert (answer, thinking) == (text.strip(), "")
    assert not any("�" in piece.text for piece in pieces)


def test_text_comes_while_it_is_written(plain):
    writer = Writer(plain, "")
    seen = "".join(p.text for t in plain("Paris is a city")["input_ids"] for p in writer.feed(t))
    assert seen == "Paris is a city"


def test_special_tokens_are_no_text(plain):
    assert written(plain, "Paris.<|im_end|>")[0] == "Paris."


@pytest.mark.parametrize(
    ("text", "answer", "thinking"),
    [
        ("<think>\nhm, so\n</think>\n\nSo.", "So.", "hm, so"),
        ("<think>\n\n</think>\n\nSo.", "So.", ""),
        ("[THINK]hm[/THINK]So.", "So.", "hm"),
        ("<think>endless", "", "endless"),
        ("a <thin line", "a <thin line", ""),
    ],
)
@pytest.mark.parametrize("added", [(), ("<think>", "</think>")])
def test_reasoning_is_kept_apart(text, answer, thinking, added):
    assert written(byte_tokenizer(added=added), text)[:2] == (answer, thinking)


def test_a_prompt_may_have_opened_the_reasoning(plain):
    found = written(plain, "hm\n</think>\n\nSo.", prompt="<|assistant|><think>\n")
    assert found[:2] == ("So.", "hm")


def test_channels_are_reasoning_and_answer():
    text = (
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>"
        "So.<|return|>"
    )
    assert written(byte_tokenizer(special=CHANNELS), text)[:2] == ("So.", "hm")


@pytest.mark.parametrize(
    ("text", "stop", "answer"),
    [
        ("one\n\ntwo", ("\n\n",), "one"),
        ("one, two", ("wo", ", t"), "one"),
        ("one, t", (", two",), "one, t"),
        ("END", ("END",), ""),
        ("ab", ("",), "ab"),
    ],
)
def test_a_stop_text_ends_the_answer_and_is_no_part_of_it(plain, text, stop, answer):
    assert written(plain, text, stop=stop)[0] == answer


def test_after_a_stop_text_nothing_comes(plain):
    writer = Writer(plain, "", ("b",))
    for token in plain("abc")["input_ids"]:
        writer.feed(token)
    assert writer.stopped
    assert writer.close() == []


def test_a_stop_text_inside_the_reasoning_ends_nothing(plain):
    assert written(plain, "<think>a\n\nb</think>c\n\nd", stop=("\n\n",))[:2] == ("c", "a\n\nb")
