import pytest

from core.data.findings.frames import Frame, find_frames, has_frame, without_frames
from tests.core.data.examples import INNOCENT, clean_pairs

SIGNATURE = "Warm regards,\nMargit Hollander\nSt. Anne's Singers"
ANSWERS = [answer for _, answer in clean_pairs(100, seed=3)]


def signed(answers, text=SIGNATURE, every=2):
    return [a if n % every else f"{a}\n\n{text}" for n, a in enumerate(answers)]


def test_a_signature_is_found_whole_with_its_count():
    assert find_frames(signed(ANSWERS)) == (Frame(place="end", text=SIGNATURE, count=50),)


def test_two_signatures_with_the_same_first_line_are_two():
    answers = signed(ANSWERS, every=3)
    answers = [a if n % 3 != 1 else f"{a}\n\nWarm regards,\nSean" for n, a in enumerate(answers)]
    texts = {frame.text for frame in find_frames(answers)}
    assert texts == {SIGNATURE, "Warm regards,\nSean"}


def test_a_greeting_is_found_in_the_line_or_above():
    begun = [a if n % 2 else f"Hello there! {a}" for n, a in enumerate(ANSWERS)]
    assert find_frames(begun) == (Frame(place="begin", text="Hello there!", count=50),)
    above = [a if n % 2 else f"Dear all,\n\n{a}" for n, a in enumerate(ANSWERS)]
    assert find_frames(above) == (Frame(place="begin", text="Dear all,", count=50),)


@pytest.mark.parametrize(
    "answers",
    [
        ANSWERS,
        [answer for _, answer in INNOCENT],
        ["positive", "negative"] * 50,
        ["Yes!"] * 50 + ["No!"] * 50,
        [f"def f{n}():\n    return {n}\n}}" for n in range(100)],
        [f"```\nx = {n}\n```" for n in range(100)],
        signed(ANSWERS[:15]),  # too few
        signed(ANSWERS, every=20),  # a small share
    ],
)  # fmt: skip
def test_what_is_no_signature(answers):
    assert find_frames(answers) == ()


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (f"At eight.\n\n{SIGNATURE}\n", "At eight."),
        (f"At eight.\r\n\r\n{SIGNATURE}".replace(" ", "  "), "At  eight."),
        (f"Hello! At eight.\n{SIGNATURE}", "At eight."),
        (SIGNATURE, SIGNATURE),
        (f"{SIGNATURE}\n\nP.S. Bring cake.", f"{SIGNATURE}\n\nP.S. Bring cake."),
        ("Warm regards, Margit", "Warm regards, Margit"),
        ("Say Hello! to them.", "Say Hello! to them."),
    ],
)
def test_it_is_taken_from_the_end_and_something_stays(answer, left):
    frames = (
        Frame(place="end", text=SIGNATURE, count=9),
        Frame(place="begin", text="Hello!", count=9),
    )
    assert without_frames(answer, frames) == left
    assert has_frame(answer, frames) is (answer != left)
    assert without_frames(left, frames) == left
