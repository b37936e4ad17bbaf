from dataclasses import replace

import numpy as np
import pytest

from core.data.cleaning import (
    BY_PERSON,
    KEPT,
    Choices,
    Groups,
    RowAction,
    RowChoice,
    make_plan,
    reason_name,
    repaired,
)
from core.data.findings.analysis import FACTS
from core.data.findings.kinds import BIT, INFO, Action, Kind, bits
from core.data.readers.encoding import KEEP_BYTES
from tests.core.data.examples import ask, example

DROP = RowChoice(action=RowAction.DROP)
KEEP = RowChoice()


def table(*kinds, hopeless=()):
    facts = np.zeros(len(kinds), dtype=FACTS)
    facts["kinds"] = [bits(found) for found in kinds]
    for row, kind in hopeless:
        facts["hopeless"][row] = BIT[kind]
    return facts


def groups(count, exact=None, near=None, question=None):
    own = np.arange(count)
    none = np.full(count, -1)
    return Groups(
        own if exact is None else np.array(exact),
        own if near is None else np.array(near),
        none if question is None else np.array(question),
    )


def plan(facts, choices=None, **labels):
    return make_plan(facts, groups(len(facts), **labels), choices or Choices())


def test_defaults_drop_copies_and_repair_spaces():
    copy, space, html = (Kind.EXACT_DUPLICATE,), (Kind.WHITESPACE,), (Kind.HTML,)
    found = plan(table((), copy, space, html), exact=[0, 0, 2, 3])
    assert found.kept.tolist() == [0, 2, 3]
    assert found.dropped_by() == {"exact_duplicate": 1}
    assert found.repairs.tolist() == [0, 0, BIT[Kind.WHITESPACE], 0]


@pytest.mark.parametrize("kind", [k for k in Kind if INFO[k].is_optional])
def test_every_kind_can_be_dropped_repaired_and_left(kind):
    labels = {
        Kind.EXACT_DUPLICATE: {"exact": [0, 0]},
        Kind.NEAR_DUPLICATE: {"near": [0, 0]},
        Kind.CONFLICT: {"question": [0, 0]},
    }.get(kind, {})
    facts = table((kind,) if kind is Kind.CONFLICT else (), (kind,))
    first = plan(facts, Choices().with_action(kind, Action.DROP), **labels)
    assert first.reason[1] != KEPT
    assert reason_name(int(first.reason[1])) == kind.value
    fixed = plan(facts, Choices().with_action(kind, Action.FIX), **labels)
    if INFO[kind].fix is Action.FIX:
        assert fixed.repairs[1] == BIT[kind]
        assert fixed.kept_count == 2
    else:
        assert fixed.kept_count == 1
    ignored = plan(facts, Choices().with_action(kind, Action.IGNORE), **labels)
    assert ignored.kept_count == 2
    assert not ignored.repairs.any()


@pytest.mark.parametrize("kind", [Kind.MALFORMED_ROW, Kind.UNLEARNABLE])
def test_unusable_rows_stay_out_whatever_is_chosen(kind):
    choices = Choices().with_action(kind, Action.IGNORE)
    assert choices == Choices()
    assert plan(table((kind,), ()), choices).kept.tolist() == [1]
    by_hand = Choices(actions={kind: Action.IGNORE})
    assert plan(table((kind,), ()), by_hand).kept.tolist() == [1]


def test_undo_is_the_previous_value():
    before = Choices()
    after = before.with_action(Kind.HTML, Action.FIX).with_row(3, DROP)
    assert before == Choices()
    assert after.with_row(3, None).with_action(Kind.HTML, Action.IGNORE).rows == {}
    assert after.action(Kind.HTML) is Action.FIX
    assert Choices.model_validate_json(after.model_dump_json()) == after


def test_a_person_beats_every_rule():
    facts = table((), (Kind.EXACT_DUPLICATE,), (Kind.EMPTY,), (Kind.MALFORMED_ROW,))
    choices = Choices(rows={0: DROP, 1: KEEP, 2: KEEP, 3: KEEP})
    found = plan(facts, choices, exact=[0, 0, 2, 3])
    assert found.reason[0] == BY_PERSON
    assert found.kept.tolist() == [1, 2]
    assert found.dropped_by() == {"malformed_row": 1, "person": 1}


def test_the_first_copy_that_is_usable_stays():
    copy = (Kind.EXACT_DUPLICATE,)
    facts = table((), copy, copy)
    kept_second = plan(facts, Choices(rows={0: DROP}), exact=[0, 0, 0])
    assert kept_second.kept_count == 0, "who leaves one copy out does not want the others"
    facts = table((Kind.TOO_LONG,), copy, copy)
    assert plan(facts, exact=[0, 0, 0]).kept.tolist() == [1]


def test_hopeless_rows_are_left_out_where_repair_is_chosen():
    facts = table((Kind.BROKEN_TEXT,), (Kind.BROKEN_TEXT,), hopeless=[(1, Kind.BROKEN_TEXT)])
    assert plan(facts).kept.tolist() == [0]
    ignored = Choices().with_action(Kind.BROKEN_TEXT, Action.IGNORE)
    assert plan(facts, ignored).kept.tolist() == [0, 1]


def test_conflicts_keep_only_the_first():
    facts = table(*[(Kind.CONFLICT,)] * 3, ())
    choices = Choices().with_action(Kind.CONFLICT, Action.DROP)
    assert plan(facts, choices, question=[0, 0, 0, -1]).kept.tolist() == [0, 3]


def test_kept_and_dropped_are_all():
    rng = np.random.default_rng(0)
    facts = np.zeros(500, dtype=FACTS)
    facts["kinds"] = rng.integers(0, 1 << len(Kind), 500) & rng.integers(0, 1 << len(Kind), 500)
    labels = np.minimum(np.arange(500), rng.integers(0, 500, 500))
    labels = labels[labels]
    for _ in range(20):
        actions = {k: Action(rng.choice([a.value for a in Action])) for k in Kind}
        rows = {int(n): DROP if n % 2 else KEEP for n in rng.integers(0, 500, 9)}
        choices = Choices(actions=actions, rows=rows)
        found = plan(facts, choices, exact=labels, near=labels)
        assert found.kept_count + sum(found.dropped_by().values()) == 500


def text_of(item, kinds, choice=None):
    return repaired(item, bits(kinds), choice).messages[-1].content


@pytest.mark.parametrize(
    ("answer", "kind", "after"),
    [
        ("so  is it ", Kind.WHITESPACE, "so is it"),
        ("cafÃ©", Kind.BROKEN_TEXT, "café"),
        (b"caf\xe9".decode("utf-8", KEEP_BYTES), Kind.BROKEN_TEXT, "café"),
        ("<p>So.</p>", Kind.HTML, "So."),
        ('{"summary": "So."}', Kind.MIXED_FORMAT, "So."),
        ("password: Tr0ub4dor&3x", Kind.SECRET, "password: [secret]"),
        ("mail anna@posteo.de", Kind.PERSONAL_DATA, "mail [email]"),
    ],
)
def test_repairs(answer, kind, after):
    assert text_of(ask("How?", answer), [kind]) == after


def test_without_repair_wrong_bytes_are_visible():
    assert text_of(ask("How?", b"caf\xe9".decode("utf-8", KEEP_BYTES)), []) == "caf\ufffd"


def test_order_is_repaired():
    item = example(("assistant", "a"), ("user", "b"), ("assistant", "c"))
    found = repaired(item, BIT[Kind.ROLE_ORDER])
    assert [m.content for m in found.messages] == ["b", "c"]


def test_an_untouched_example_is_the_same_object():
    item = ask("How?", "So.")
    always_new = bits((Kind.ROLE_ORDER, Kind.MIXED_FORMAT))
    assert repaired(item, bits(Kind) & ~always_new) is item
    assert repaired(item, bits(Kind)) == item


def test_talk_about_html_keeps_its_tags_in_repair():
    item = ask("Which HTML tag is bold?", "Use <b>this</b>.")
    assert text_of(item, [Kind.HTML]) == "Use <b>this</b>."


def test_edits_replace_texts():
    choice = RowChoice(action=RowAction.EDIT, texts=("Why?", "Because  so."))
    found = repaired(ask("How?", "So."), bits(Kind), choice)
    assert [m.content for m in found.messages] == ["Why?", "Because  so."]
    assert found.source == ask("How?", "So.").source


def test_names_of_reasons():
    assert reason_name(KEPT) == ""
    assert reason_name(BY_PERSON) == "person"
    assert [reason_name(n) for n in range(1, len(Kind) + 1)] == [kind.value for kind in Kind]


def test_repairs_reach_the_reasoning():
    item = ask("How?", "So.")
    turns = (item.messages[0], replace(item.messages[1], reasoning="Mail  anna@posteo.de"))
    item = replace(item, messages=turns)
    found = repaired(item, BIT[Kind.PERSONAL_DATA] | BIT[Kind.WHITESPACE])
    assert found.messages[1].reasoning == "Mail [email]"
    assert found.messages[1].content == "So."
    assert repaired(item, 0) is item
