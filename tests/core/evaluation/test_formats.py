import json

from core.data.example import Example, Message, Source
from core.evaluation.formats import described, in_format, learned_formats


def examples(answers, task=""):
    return [
        Example((Message("user", f"q{n}"), Message("assistant", a)), Source("f", n), task)
        for n, a in enumerate(answers)
    ]


def learned(answers):
    return learned_formats(examples(answers)).get("", [])


def codes(rules):
    return [rule.code for rule in rules]


def test_json_with_its_keys() -> None:
    answers = [json.dumps({"name": f"n{n}", "age": n, **({"x": 1} if n % 2 else {})})
               for n in range(40)]  # fmt: skip
    rules = learned(answers)
    assert codes(rules) == ["json", "keys"]
    assert rules[1].texts == ["age", "name"]
    assert in_format('{"age": 3, "name": "a", "y": 2}', rules)
    assert not in_format('{"age": 3, "other": 22}', rules)
    assert not in_format("The age is 3, I think.", rules)
    assert not in_format("[" * 100_000, rules)


def test_a_start_an_end_one_line_and_a_length() -> None:
    rules = learned([f"`name{n}`: Gives back the {n}th value." for n in range(40)])
    assert codes(rules) == ["starts", "ends", "one_line", "length"]
    assert rules[0].texts == ["`name"]
    assert in_format(" `name`: Gives back a value.\n", rules)
    assert not in_format("Gives back a value of the list.", rules)
    assert not in_format("`name`: Gives back\na value of it.", rules)
    assert not in_format("`name`: " + 99 * "long " + ".", rules)
    assert "starting with “`name”" in described(rules)


def test_labels_are_one_of_few_texts() -> None:
    rules = learned(["positive", "negative", "neutral"] * 20)
    assert codes(rules) == ["one_of"]
    assert in_format("neutral\n", rules)
    assert not in_format("I would say neutral", rules)


def test_one_exception_in_twenty_is_forgiven_and_a_habit_is_not() -> None:
    answers = [f"Note {n}: fine." for n in range(95)]
    assert "starts" in codes(learned([*answers, *(f"{n} is fine." for n in range(5))]))
    assert "starts" not in codes(learned([*answers, *(f"{n} is fine." for n in range(20))]))


def test_the_language_of_the_answers() -> None:
    german = "Das ist nicht der Weg, den wir mit dem Wagen auf die andere Seite nehmen {}"
    rules = learned([german.format("x" * (n % 9)) for n in range(60)])
    named = next(rule for rule in rules if rule.code == "language")
    assert named.texts == ["German"]
    assert in_format("Ja.", [named])
    assert not in_format("This is not the way that we take to the other side.", [named])


def test_each_task_has_its_own_and_few_answers_teach_nothing() -> None:
    both = examples([f"- item {n}" for n in range(30)], "list")
    both += examples([f"Text {n} ends." for n in range(30)], "text")
    both += examples(["a", "b", "c"], "rare")
    found = learned_formats(both)
    assert set(found) == {"list", "text"}
    assert in_format("- item 7", found["list"])
    assert not in_format("- item 7", found["text"])
    assert learned(["- a"] * 19) == []
