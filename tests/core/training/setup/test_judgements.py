"""Before a run that learns from judgements."""

import pytest

from core.errors import UserFacingError
from core.events import Notice
from core.jobs.link import JobLink
from core.jobs.spec import PreferenceParams
from core.jobs.supervisor import read_events
from core.project import RunFolder
from core.training.preferences.judgement import write_judgements
from core.training.setup.judgements import preferences_of
from tests.core.training.conftest import TINY
from tests.core.training.preferences.examples import judgements


@pytest.fixture
def read(tokenizer, tmp_path):
    folder = RunFolder(tmp_path)

    def read(written, config=TINY):
        asked = PreferenceParams(judgements=write_judgements(folder, written), beta=0.3)
        with JobLink(folder) as link:
            found = preferences_of(folder, asked, tokenizer, config, link)
        return found, [e for e in read_events(folder) if isinstance(e, Notice)]

    return read


def test_what_is_held_out_is_not_learned(read):
    unseen = judgements(2, seed=5, held_out=True)
    found, told = read([*judgements(8, ("good", "bad", "good", "good")), *unseen])
    assert (len(found.train), len(found.validation)) == (8, 2)
    assert (found.objective.beta, found.objective.good, found.objective.bad) == (0.3, 1.0, 3.0)
    assert [m.content for m in found.question] == [unseen[0].question]
    assert not told


def test_what_is_too_long_is_left_out_and_said(read):
    made = [*judgements(3), *judgements(1, held_out=True)]
    long = made[1].answer.model_copy(update={"text": "Well, " * 200})
    made[1] = made[1].model_copy(update={"answer": long})
    found, (told,) = read(made)
    assert len(found.train) == 2
    assert told.code == "preferences.too_long" and "1 rating was left out" in told.text


def test_nothing_that_fits_is_refused(read):
    with pytest.raises(UserFacingError) as refusal:
        read(judgements(3))
    assert refusal.value.code == "preferences.too_long"


def test_dropout_is_refused(read):
    with pytest.raises(UserFacingError) as refusal:
        read(judgements(3), TINY.with_values({"dropout": 0.1}))
    assert refusal.value.code == "preferences.dropout"
