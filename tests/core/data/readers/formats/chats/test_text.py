import io
import zipfile

import pytest

from core.data.readers import ReadOptions, inspect_sources, read
from core.data.readers.formats.chats.text import chat_rows, is_chat

PHONES = (
    "7/19/22, 11:20\u202fpm - {}",
    "[19.07.22, 23:20:01] {}",
    "19/07/2022, 23:20 - {}",
    "2022-07-19 23:20 - {}",
    "\u200e[7/19/22, 11:20:01 PM] {}",
    "19/07/2022 à 23:20 - {}",
    "19.7.2022 klo 23.20 - {}",
    "2022/7/19 下午11:20 - {}",
    "2022. 7. 19. 오후 11:20, {}",
    "2022년 7월 19일 오후 11:20, {}",
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


@pytest.mark.parametrize(
    "said",
    [
        "<Médias omis>", "<Без медиафайлов>", "\u200eimage omitted", "\u200eMissed voice call",
        "Diese Nachricht wurde gelöscht.", "\u200e<attached: 1.jpg>", "<省略多媒体文件>",
    ],
)  # fmt: skip
def test_what_the_program_says_is_no_message(said):
    text = f"7/19/22, 11:20 PM - Ann: one\n7/19/22, 11:21 PM - Bob: {said}\n"
    assert [row["said"].strip() for row in rows(text)] == ["one"]


def test_a_message_does_not_say_that_it_was_edited():
    text = "7/19/22, 11:20 PM - Ann: one <This message was edited>\n" * 2
    assert [row["said"].strip() for row in rows(text)] == ["one", "one"]


def test_a_chat_inside_a_packed_file_is_read(tmp_path):
    path = tmp_path / "WhatsApp Chat - Ann.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "_chat.txt", "[7/19/22, 11:20:01 PM] Ann: one\n[7/19/22, 11:21] Bob: two\n"
        )
        archive.writestr("photo.jpg", b"x")
    speakers = {"Ann": "user", "Bob": "assistant"}
    (example,) = read(inspect_sources([path], ReadOptions(speakers=speakers)))
    assert [m.content.strip() for m in example.messages] == ["one", "two"]
