"""Outsiders; that no near copy crosses the split is tested in ``test_preparation``."""

import numpy as np

from core.data.cleaning import Choices
from core.data.deduplication import Deduplicator
from tests.core.data.examples import ask, clean_pairs, instruction_rows, scanned


def quiet(_done, _total):
    pass


def relations(folder, external, changed=None, kept=None):
    draft, _ = scanned(folder, instruction_rows(clean_pairs(50, 3)))
    with draft:
        deduplicator = Deduplicator(draft, changed or {}, Choices())
        kept = np.arange(50) if kept is None else kept
        return deduplicator.external(kept, external, quiet)


def test_copies_near_copies_and_the_same_question_are_recognised(tmp_path):
    pairs = clean_pairs(50, 3)
    long = max(range(50), key=lambda n: len(pairs[n][1]))
    question, answer = pairs[long]
    external = [
        ask(question, answer),
        ask(question, f"{answer} Really."),
        ask(question, "Something else."),
        ask("What is a stranger?", "One whom nobody knows."),
    ]
    found = relations(tmp_path, external)
    related = np.isin(found.external, found.kept)
    assert related.tolist() == [True, True, True, False]
    assert (found.kept == found.external[0]).nonzero()[0].tolist() == [long]


def test_rows_that_are_not_kept_have_no_relations(tmp_path):
    question, answer = clean_pairs(50, 3)[7]
    others = np.delete(np.arange(50), 7)
    found = relations(tmp_path, [ask(question, answer)], kept=others)
    assert len(found.kept) == 49
    assert not np.isin(found.external, found.kept).any()


def test_changed_rows_are_compared_as_they_are_now(tmp_path):
    changed = {7: ask("Quite another question?", "With another answer altogether.")}
    draft, _ = scanned(tmp_path, instruction_rows(clean_pairs(50, 3)))
    with draft:
        deduplicator = Deduplicator(draft, changed, Choices(actions={"whitespace": "ignore"}))
        found = deduplicator.external(np.arange(50), [changed[7]], quiet)
    assert (found.kept == found.external[0]).nonzero()[0].tolist() == [7]
