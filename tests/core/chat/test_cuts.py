import pytest

from core.chat.cuts import CUT_MARK, Answer, is_cut, marked, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One sentence. Another one, which brea", "One sentence."),
        ("He said “yes.” Then he we", "He said “yes.”"),
        ("A list:\n- one thing\n- another thi", "A list:\n- one thing"),
        ("東京です。日本の", "東京です。"),
        ("Short. Then a long sentence that has no en", "Short. Then a long sentence that has no"),
        ("Version 3.14 is the one tha", "Version 3.14 is the one"),
        ("word", "word"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_cut_answer_ends_as_any_other_does(text: str, expected: str) -> None:
    assert shown(Answer(text, cut=True)) == expected
    assert shown(Answer(text)) == text


def test_both_answers_of_a_pair_are_marked_alike() -> None:
    whole, cut = Answer("Tokyo."), Answer("It is Tokyo. And", cut=True)
    for base, tuned in ((whole, cut), (cut, whole), (cut, cut)):
        found = is_cut(base, tuned)
        ends = {marked(shown(answer), cut=found).endswith(CUT_MARK) for answer in (base, tuned)}
        assert ends == {True}
    assert not is_cut(whole, whole)
    assert marked("Tokyo.", cut=False) == "Tokyo."
