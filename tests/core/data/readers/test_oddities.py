from core.data.readers.oddities import Oddities
from tests.core.data.examples import ask


def looked(*examples):
    oddities = Oddities()
    for example in examples:
        oddities.look(example)
    return oddities


def test_an_unknown_mark_in_most_rows_is_named():
    rows = [ask(f"<|persona|> Why {n}?", "[NOTE] x [/NOTE] So.") for n in range(9)]
    texts = [text for text, _ in looked(*rows, ask("Why?", "So.")).marks()]
    assert any("<|persona|>" in text and "90%" in text for text in texts)
    assert any("[NOTE]" in text for text in texts)


def test_a_mark_in_few_rows_is_not():
    rows = [ask("Why?", "So.")] * 9 + [ask("<|persona|>", "x[0]")]
    assert not list(looked(*rows).marks())


def test_records_of_one_form_are_named():
    rows = [ask("Why?", '{"name": "a", "value": 1}')] * 4
    ((text, count),) = looked(*rows).records()
    assert "name, value" in text
    assert count == 4
    assert not list(looked(*[ask("Why?", "{broken")] * 4).records())


def test_only_the_beginning_is_looked_at():
    oddities = looked(*[ask("Why?", "So.")] * 2000)
    oddities.look(ask("<|x|>", "y"))
    assert not list(oddities.marks())
