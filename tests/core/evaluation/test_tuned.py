"""A run is loaded with the data and the settings it was trained with."""

from types import SimpleNamespace

import pytest

from core.errors import UserFacingError
from core.evaluation.tuned import Tuned, load_tuned


def test_it_is_what_was_trained(walked):
    tuned = load_tuned(walked.project, walked.project.run("train-001"))
    assert tuned.version.content_hash == walked.facts.dataset_version
    assert not tuned.model.training
    assert [one.question for one in tuned.unseen_examples(2)] == [
        one.question for one in tuned.unseen_examples(4)
    ][:2]


def test_validation_stands_in_where_nothing_was_kept_for_a_test():
    def part(**counts):
        return Tuned.unseen_part.fget(SimpleNamespace(version=SimpleNamespace(counts=counts)))

    assert part(train=9, validation=3, test=1) == "test"
    assert part(train=9, validation=3) == "validation"


def test_data_that_is_gone_is_refused(own_copy):
    run = own_copy.run("train-001")
    folder = own_copy.version_folder(load_tuned(own_copy, run).version.content_hash)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(UserFacingError):
        load_tuned(own_copy, run)
