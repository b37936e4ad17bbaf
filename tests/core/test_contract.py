"""Parameters and results of jobs: one class for each kind, plain JSON on disk."""

import json

import pytest

from core.contract import KINDS, JobParams, JobResult, params_type, plain, read_result
from core.data.spec import DataReport
from core.jobs import worker
from core.jobs.spec import TrainingFacts, TrainParams
from core.language import _, use


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("fake", "fail")])
def test_every_kind_names_its_parameters_its_result_and_its_work(kind):
    params = params_type(kind)
    assert params.kind == params.result_type().kind == kind
    assert kind in worker.JOBS
    assert params.__doc__ and params.result_type().__doc__


def test_parameters_without_a_result_are_a_mistake():
    class Nameless(JobParams):
        pass

    with pytest.raises(TypeError, match="Nameless"):
        Nameless.result_type()


def test_what_was_not_asked_is_not_written():
    params = TrainParams(dataset_version="v", base_model="/base")
    assert params.values() == {"dataset_version": "v", "base_model": "/base"}
    assert TrainParams.model_validate(params.values()) == params


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("train", None),
        ("train", 7),
        ("train", {"steps": "many"}),
        ("unknown", {}),
        (None, {}),
        (7, {}),
    ],
)
def test_a_result_that_is_none_is_nothing(kind, values):
    assert read_result(kind, values) is None


def test_a_recorded_result_is_read_as_its_type():
    assert read_result("train", {"steps": 3, "project": "/old"}) == TrainingFacts(steps=3)


def test_documents_are_english(monkeypatch):
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en")
    use("en_XA")
    said = _("{count:,} rows", count=2)
    report = DataReport(notices=(said,))
    assert said != "2 rows"
    assert report.document()["notices"] == ["2 rows"]
    assert plain({"a": (said, 7)}) == {"a": ["2 rows", 7]}
    assert json.dumps(JobResult().document()) == "{}"
