import time

import pytest

from core.data.readers.python_values import LONGEST, python_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'question': 'Why?', 'n': 3}", {"question": "Why?", "n": 3}),
        ("[{'a': 'x'}\n {'a': 'y'}]", [{"a": "x"}, {"a": "y"}]),
        ("array([{'a': None}, {'a': True}], dtype=object)", [{"a": None}, {"a": True}]),
        ("['one' 'two']", ["one", "two"]),
        ("('one', 2.5)", ["one", 2.5]),
        ("{'a': nan, 'b': -1e3, }", {"a": None, "b": -1000.0}),
        (r"""{'a': 'it\'s\n“new”', "b": "say \"hi\" \x41\u00e9"}""",
         {"a": "it's\n“new”", "b": 'say "hi" Aé'}),
        (r"{'path': 'C:\\dir\d'}", {"path": r"C:\dir\d"}),
        ("{'a': 1, 'b'}", None),
        ("{'a': open('x')}", None),
        ("[1, 2", None),
        ("]", None),
        ("{'a': import}", None),
        ("{'a': 1} and more", None),
    ],
)  # fmt: skip
def test_what_python_and_numpy_print_is_read(text, value):
    assert python_value(text) == value


def test_odd_characters_never_become_lone_surrogates():
    assert python_value(r"['\ud83d']") == ["\ufffd"]
    assert python_value(r"['\U00FFFFFF']") == ["\ufffd"]


def test_a_long_text_is_read_in_time_that_grows_with_its_length_only():
    text = "[" + "{'a': 'b'}, " * (LONGEST // 13) + "]"
    begin = time.process_time()
    assert len(python_value(text)) == LONGEST // 13
    assert time.process_time() - begin < 5
    assert python_value(text + " " * LONGEST) is None


def test_deep_nesting_is_no_value():
    assert python_value("[" * 5000 + "]" * 5000) is None
