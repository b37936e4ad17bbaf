import io

import pytest

from core.data.readers.formats.chat_text import chat_rows, is_chat

PHONES = (
    "7/19/22, 11:20\u202fpm - {}",
    "[19.07.22, 23:20:01] {}",
    "19/07/2022, 23:20 - {}",
    "2022-07-19 23:20 - {}",
    "\u200e[7/19/22, 11:20:01 PM] {}",
)


def rows(text):
    return [r.value for r in chat_rows(io.BytesIO(text.encode()), "utf-8")]


@pytest.mark.parametrize("form", PHONES)
def test_messages_behind_their_time(form):
    lines = [
        form.format("Messages are encrypted."), form.format("Ann: home?"), "second line: yes",
        form.format("Bob: <Media omitted>"), form.format("Bob B.: no"),
    ]  # fmt: skip
    text = "\n".join(lines)
    assert is_chat(text)
    assert [(row["speaker"], row["said"]) for row in rows(text)] == [
        ("Ann", "home?\nsecond line: yes"), ("Bob B.", "no"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Q: When?\nA: Now.",
        "7/19/22, 11:20 pm - once\nand prose\nand more\n",
        "12.5.2020 was hot.\n" * 9,
    ],
)
def test_other_texts_are_no_chats(text):
    assert not is_chat(text)
