from dataclasses import replace

import numpy as np
import pytest

from core.data.example import BadRow, Example, Message, Source
from core.data.findings.analysis import FACTS, Analyser, estimated_tokens, hashes
from core.data.findings.kinds import Kind, kinds_in
from core.data.findings.language import LANGUAGES
from core.data.readers import Row
from tests.core.data.examples import INNOCENT, ask, clean_pairs, example


def facts_of(*items):
    rows = [item if isinstance(item, Row) else Row(item) for item in items]
    return Analyser().chunk(rows, []).facts


def found(item):
    return set(kinds_in(int(facts_of(item)[0]["kinds"])))


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (ask("How?", "So  is it."), Kind.WHITESPACE),
        (ask("GrÃ¶ÃŸe?", "So."), Kind.BROKEN_TEXT),
        (ask("How?", "<p>So.</p>"), Kind.HTML),
        (ask("How?", ""), Kind.EMPTY),
        (ask("How?", "n/a"), Kind.TRIVIAL),
        (ask("How is it?", "How is it?"), Kind.ECHO),
        (example(("assistant", "So."), ("user", "How?"), ("assistant", "So.")), Kind.ROLE_ORDER),
        (ask("How?", "The password: Tr0ub4dor&3x"), Kind.SECRET),
        (ask("password: Tr0ub4dor&3x", "So."), Kind.SECRET),
        (ask("How?", "Ask anna@posteo.de"), Kind.PERSONAL_DATA),
        (ask("How?", "Fuck."), Kind.PROFANITY),
        (BadRow(Source("a", 1), "damaged", "{"), Kind.MALFORMED_ROW),
    ],
)
def test_each_finding_alone(item, kind):
    assert found(item) == {kind}


def test_nothing_is_learned_from_masked_turns():
    turns = (Message("user", "How?"), Message("assistant", "So.", False))
    assert found(type(ask("", ""))(turns, Source("a", 1))) == {Kind.UNLEARNABLE}


def test_plain_text_among_rows_is_a_mixed_format():
    item = BadRow(Source("a", 1), "this is not valid JSON", "Once upon a time")
    assert found(item) == {Kind.MALFORMED_ROW, Kind.MIXED_FORMAT}


def test_clean_and_innocent_rows_have_no_finding():
    for question, answer in [*clean_pairs(200), *INNOCENT]:
        assert found(ask(question, answer)) == set(), (question, answer)


def test_other_checks_look_at_the_repaired_text():
    assert found(ask("How?", "\u200b n/a ")) == {Kind.WHITESPACE, Kind.TRIVIAL}


@pytest.mark.parametrize(
    ("reasoning", "kind"),
    [
        ("The password: Tr0ub4dor&3x", Kind.SECRET),
        ("Ask anna@posteo.de", Kind.PERSONAL_DATA),
        ("GrÃ¶ÃŸe", Kind.BROKEN_TEXT),
        ("So  is it.", Kind.WHITESPACE),
    ],
)
def test_reasoning_is_examined_as_the_answer_is(reasoning, kind):
    item = example(("user", "How?"), ("assistant", "So."))
    turns = (item.messages[0], replace(item.messages[1], reasoning=reasoning))
    assert found(replace(item, messages=turns)) == {kind}


def test_answers_reached_by_another_reasoning_are_no_copies():
    turns = ask("How?", "So.").messages
    other = (turns[0], replace(turns[1], reasoning="Because"))
    assert hashes(turns)[1] == hashes(other)[1]
    assert hashes(turns)[2] != hashes(other)[2]
    short, long = facts_of(ask("How?", "So."), Example(other, Source("a", 1)))
    assert long["tokens"] > short["tokens"]


def test_hopeless_rows():
    lost, saved, order = facts_of(
        ask("How?", "lost \ufffd"), ask("How?", "cafÃ©"), example(("user", "How?"))
    )
    assert kinds_in(int(lost["hopeless"])) == (Kind.BROKEN_TEXT,)
    assert not saved["hopeless"]
    assert Kind.ROLE_ORDER in kinds_in(int(order["hopeless"]))


def test_figures_of_a_row():
    fact = facts_of(ask("Give me JSON of it", '{"a": 1}'))[0]
    assert fact["characters"] == 26
    assert fact["answer_characters"] == 8
    assert fact["is_json"]
    assert fact["wants_json"]
    assert 5 <= fact["tokens"] <= 9
    question, answer = clean_pairs(1, seed=4)[0]
    fact = facts_of(Row(ask(question, answer), foreign=True))[0]
    assert fact["foreign"]
    assert LANGUAGES[fact["language"]] in ("English", "")


def test_keys_ignore_case_and_space_but_not_roles():
    same = [ask("How  is it?", "So."), ask("how is IT?\n", "so.")]
    assert hashes(same[0].messages) == hashes(same[1].messages)
    assert hashes(ask("a", "b").messages)[0] != hashes(ask("b", "a").messages)[0]
    assert hashes(()) == (0, 0, 0)
    other = example(("system", "How is it?"), ("assistant", "So."))
    assert hashes(other.messages)[0] != hashes(same[0].messages)[0]
    assert hashes(example(("assistant", "So.")).messages)[1] == 0


def test_tokens_of_other_scripts_count_more():
    assert estimated_tokens("") == 0
    assert estimated_tokens("word " * 100) == pytest.approx(135, abs=2)
    assert estimated_tokens("漢字" * 50) > estimated_tokens("ab" * 50)


def test_a_chunk_has_a_place_for_every_row():
    rows = [Row(ask(q, a)) for q, a in clean_pairs(20)] + [Row(BadRow(Source("a", 1), "x"))]
    chunk = Analyser().chunk(rows, [b"line"] * 21)
    assert chunk.facts.dtype == FACTS
    assert len(chunk.facts) == len(chunk.sketch) == len(chunk.bands) == 21
    assert len(chunk.shingles.offsets) == 22
    assert len(chunk.shingles.row(20)) == 0
    assert len(np.unique(chunk.facts["key"])) == 21
