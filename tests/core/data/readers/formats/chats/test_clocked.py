import io

import pytest

from core.data.readers.formats.chats.clocked import clocked_rows, is_clocked

FORMS = {
    "line": "2024/03/01(Fri)\n21:10\tAnn\tOne?\n21:11\tBob\tTwo.\nand more\n"
    "21:12\tAnn\t[Sticker]\n21:13\tAnn\tThree.\n",
    "irc": "[21:10:00] <@Ann> One?\n[21:11:00] <Bob> Two.\nand more\n"
    "[21:12:00] * Bob waves\n[21:13] <Ann> Three.\n",
    "zoom": "21:10:00\t From  Ann  to  Everyone:\n\tOne?\n21:11:00\t From  Bob  to  Everyone:\n"
    "\tTwo.\nand more\n21:13:00\t From  Ann  to  Bob:\n\tThree.\n",
    "kakao": "--------------- 2024년 3월 1일 금요일 ---------------\n[Ann] [오후 9:10] One?\n"
    "[Bob] [오후 9:11] Two.\nand more\n[Ann] [오후 9:13] Three.\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_who_says_what(name):
    text = FORMS[name]
    assert is_clocked(text)
    rows = [r.value for r in clocked_rows(io.StringIO(text))]
    assert [(r["speaker"], r["said"]) for r in rows] == [
        ("Ann", "One?"), ("Bob", "Two.\nand more"), ("Ann", "Three."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8:30 Breakfast: eggs\n9:00 Work: desk\n12:00 Lunch: soup\n",
        "8:30 We walk: far\n" * 5,
        "Q: When?\nA: At 8:30.\n" * 3,
    ],
)
def test_timetables_are_no_chats(text):
    assert not is_clocked(text)
