"""A chat ends for the model where the last answer says something."""

import pytest

from core.data.example import Message
from core.data.readers.formats.chats.endings import up_to_last_word
from core.data.readers.inspection import inspect_sources
from core.data.readers.ledger import Ledger
from core.data.readers.options import ReadOptions
from core.data.readers.reading import read_rows

ASKED, TOLD = "When do I cut hydrangeas?", "In March, above the first buds."


def _talk(*texts):
    roles = ["user", "assistant"] * len(texts)
    return tuple(Message(role, text) for role, text in zip(roles, texts, strict=False))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ((ASKED, TOLD), 2),
        ((ASKED, TOLD, "thanks!", "ok"), 2),
        ((ASKED, TOLD, "\U0001f602", "\U0001f602\U0001f602\U0001f602", "brilliant ta"), 2),
        ((ASKED, "ok", "Really?", TOLD), 4),
        (("Hi", "ok", "Bye", "x"), 4),
        (("何时修剪？", "三月修剪。", "谢谢", "好"), 2),
    ],
)
def test_what_follows_the_last_answer_is_left_out(said, left):
    assert up_to_last_word(_talk(*said)) == _talk(*said)[:left]


def test_a_chat_of_people_ends_there_and_it_is_said(tmp_path):
    path = tmp_path / "WhatsApp Chat with Mika.txt"
    said = [("Rowan", ASKED), ("Mika", TOLD), ("Rowan", "thanks!"), ("Mika", "ok")]
    lines = [f"01/03/2024, 18:0{n} - {who}: {text}" for n, (who, text) in enumerate(said)]
    path.write_text("\n".join(lines), encoding="utf-8")
    ledger = Ledger()

    options = ReadOptions(speakers={"Mika": "assistant"})
    (row,) = read_rows(inspect_sources([path], options), ledger=ledger)

    assert [message.content for message in row.item.messages] == [ASKED, TOLD]
    assert [notice.count for notice in ledger.notices() if "ends of talks" in notice.text] == [2]


def test_conversations_of_other_files_stay_as_they_are(tmp_path):
    path = tmp_path / "chat.jsonl"
    turns = '{"role": "user", "content": "Sure?"}, {"role": "assistant", "content": "Yes."}'
    path.write_text(f'{{"messages": [{turns}, {turns}]}}\n', encoding="utf-8")

    (row,) = read_rows(inspect_sources([path], ReadOptions(speakers={"x": "assistant"})))

    assert len(row.item.messages) == 4
