from core.data.readers.conversations.wrapped import answer_in, are_wrapped, asked_in

RENDERED = "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"


def test_most_rows_decide():
    assert are_wrapped([RENDERED] * 9 + ["Why?"], ["So."] * 10)
    assert are_wrapped(["Why?"] * 10, ["So.</s>"] * 9 + ["So."])
    assert not are_wrapped([RENDERED, *["Why?"] * 9], ["So."] * 10)
    assert not are_wrapped([], [])
    assert not are_wrapped([None, 3], [{"a": 1}])


def test_marks_are_taken_off():
    assert asked_in(RENDERED) == [{"role": "user", "content": "Why?"}]
    assert asked_in("Why?") is None
    assert answer_in("So.<|im_end|>") == "So."
