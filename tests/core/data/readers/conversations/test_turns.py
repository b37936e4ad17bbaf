import pytest

from core.data.readers.conversations.turns import (
    UnfitRowError,
    holds_conversation,
    is_turns,
    plain,
    read_turns,
)


def test_plain_values():
    assert plain(True) == "True"
    assert plain(["a"]) == "a"
    assert plain({"ü": [1, None]}) == '{"ü": [1, null]}'


def test_a_value_that_cannot_be_written_is_an_unfit_row():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(UnfitRowError, match="cannot be written"):
        plain(deep)


@pytest.mark.parametrize(
    "value",
    [
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
        [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}],
        [{"speaker": "User", "text": "a"}, {"speaker": "Bot", "text": "b"}],
        [{"human": "a", "assistant": "b"}],
        ["a", "b"],
        '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]',
        "[{'from': 'human', 'value': 'a'}, {'from': 'gpt', 'value': 'b'}]",
        {"role": ["user", "assistant"], "content": ["a", "b"]},
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
        "### Human: a### Assistant: b",
    ],
)
def test_forms_of_conversations(value):
    assert holds_conversation(value)
    found = [(turn.role, turn.content) for turn in read_turns(value)]
    assert found == [("user", "a"), ("assistant", "b")]


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "",
        "text",
        [],
        [3],
        {"a": 1},
        "[1",
        "[" * 9999,
        ["x"],
        "{0}",
        "[{1}]",
        "{(1, 2): 3}",
        "['\\d']",
    ],
)
def test_other_values_are_no_conversations(value):
    assert not holds_conversation(value)


def test_is_turns():
    assert is_turns([{"role": "user"}])
    assert not is_turns([{"human": "a", "assistant": "b"}])


def spoken(*parts):
    return {"author": {"role": "user"}, "content": {"content_type": "multimodal_text",
            "parts": list(parts)}}  # fmt: skip


def test_a_picture_in_an_export_of_chatgpt_is_not_passed_over():
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    with pytest.raises(UnfitRowError) as unfit:
        read_turns([spoken(picture, "What is this?")])
    assert "picture" in unfit.value.reason


def test_what_was_said_aloud_is_read_from_its_words():
    words = {"content_type": "audio_transcription", "text": "How are you?"}
    sound = {"content_type": "real_time_user_audio_video_asset_pointer", "audio": {}}
    assert read_turns([spoken(words, sound)])[0].content == "How are you?"


def test_marks_of_sources_are_no_words():
    assert read_turns([spoken("So. \ue200cite\ue202turn0search1\ue201")])[0].content == "So."


def test_folded_reasoning_stands_apart():
    text = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought</summary>\n'
        "> It is warm.\n> So no coat.\n</details>\nNo coat."
    )
    (turn,) = read_turns([{"role": "assistant", "content": text}])
    assert (turn.reasoning, turn.content) == ("It is warm.\nSo no coat.", "No coat.")
