"""Short form of the campaign: a tiny random model learns 40 corrected answers of daily use."""

from dataclasses import replace

import pytest

from tests.campaigns.way_back import Outcome, corrected, way_back


@pytest.mark.slow
def test_the_next_run_learns_what_was_corrected(tmp_path, tiny_model):
    values = {"learning_rate": 2e-2, "rank": 16, "effective_batch": 8}
    outcome = way_back(tmp_path, tiny_model, 40, 40, **values)
    assert outcome.added == 40
    assert outcome.held_out == 10
    assert outcome.tests_unchanged
    assert outcome.after < outcome.before


def test_the_campaign_can_fail():
    sound = Outcome(40, 40, 10, 30, tests_unchanged=True, before=4.0, after=1.0)
    assert sound.failures == []
    assert replace(sound, after=3.9).failures
    assert replace(sound, added=39).failures
    assert replace(sound, tests_unchanged=False).failures


def test_the_questions_are_all_different():
    assert len(dict(corrected(40))) == 40
