"""The whole way from a PDF of this project's own to examples, with the sample model."""

import pytest

from core.chat.cuts import Answer
from core.jobs.link import Cancelled, JobLink, Request, Stopped
from core.pairs import job
from core.pairs.job import run_pairs, spread
from core.pairs.passages import Passage
from core.pairs.proposals import proposals_file, read_proposals
from core.pairs.spec import PairsParams
from core.project import Project
from core.storage.files import write_json
from tests.core.pairs.handbook import CHAPTERS, handbook


@pytest.fixture
def run(tmp_path):
    (tmp_path / "lark.pdf").write_bytes(handbook())
    return Project.create(tmp_path / "project").new_run("pairs")


def params(run, base, most=100):
    paths = (str(run.root.parents[2] / "lark.pdf"),)
    return PairsParams(paths=paths, base_model=str(base), most=most)


@pytest.mark.sample
def test_the_sample_model_draws_pairs_from_a_pdf(run, sample_model):
    with JobLink(run) as link:
        result = run_pairs(run, params(run, sample_model), link)
    made = read_proposals(proposals_file(run))
    assert (result.passages, result.asked, len(made)) == (8, 8, 8)
    passed = [one for one in made if not one.fault]
    assert result.passed == len(passed) >= 1
    assert sum(result.faults.values()) == 8 - len(passed)
    for one in passed:
        assert one.question.endswith("?")
        assert one.passage.partition("\n\n")[2] in CHAPTERS.values()


@pytest.mark.parametrize("request_", [Request.CANCEL, Request.STOP])
def test_what_was_made_stays_when_it_is_cancelled(run, tiny_model, monkeypatch, request_):
    monkeypatch.setitem(job._AT_ONCE, "cpu", 2)

    def answer(_model, _tokenizer, prompts, **_how):
        write_json(run.control_file, {"request": request_})
        return [Answer("Who?") for _ in prompts]

    monkeypatch.setattr(job, "generate_answers", answer)
    with JobLink(run) as link, pytest.raises(Stopped) as stopped:
        run_pairs(run, params(run, tiny_model), link)
    assert stopped.value.result.asked == 2
    assert len(read_proposals(proposals_file(run))) == 2


def test_few_questions_are_spread_over_everything():
    passages = [Passage(str(n), "x", n) for n in range(10)]
    assert [one.line for one in spread(passages, 3)] == [0, 3, 6]
    assert spread(passages, 99) == passages


def test_the_sample_model_is_made_where_it_is_not_there(run, monkeypatch, tmp_path):
    monkeypatch.setattr(job, "sample_model_folder", lambda: tmp_path / "sample")

    def ensure(_progress):
        raise Cancelled

    monkeypatch.setattr(job, "ensure", ensure)
    with JobLink(run) as link, pytest.raises(Cancelled):
        run_pairs(run, params(run, tmp_path / "sample"), link)
