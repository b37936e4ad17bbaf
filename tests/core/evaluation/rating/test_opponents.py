import pytest

from core.chat.cuts import CUT_MARK
from core.errors import UserFacingError
from core.evaluation.rating.opponents import (
    opponents,
    pairs_against,
    usual_opponent,
)
from core.evaluation.stored import read_evaluation
from core.project import Project
from core.storage.files import read_json, write_json
from tests.core.evaluation.rating.compared_runs import compared_run


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "p")


def test_those_of_the_same_base_with_the_same_questions_are_offered(project):
    mine = compared_run(project)
    same = compared_run(project)
    compared_run(project, base="b2")
    compared_run(project, first=9)
    damaged = compared_run(project)
    damaged.evaluation_file.write_text("{", encoding="utf-8")
    project.new_run("train")
    assert opponents(project, mine, read_evaluation(mine)) == [same.name]


def test_both_fine_tunes_answers_stand_beside_each_other(project):
    mine, other = compared_run(project), compared_run(project, first=2)
    pairs = pairs_against(project, mine, read_evaluation(mine), other.name)
    assert len(pairs) == 10, "what both were asked"
    assert (pairs[0].tuned, pairs[0].base) == (
        f"{mine.name} 2{CUT_MARK}",
        f"{other.name} 2{CUT_MARK}",
    )
    assert (pairs[0].base_cut, pairs[0].tuned_cut) == (True, False)
    assert (pairs[1].tuned, pairs[1].base) == (f"{mine.name} 3", f"{other.name} 3")
    base = pairs_against(project, mine, read_evaluation(mine), "")
    assert len(base) == 12


def test_what_cannot_be_compared_is_said(project):
    mine, other = compared_run(project), compared_run(project, base="b2")
    with pytest.raises(UserFacingError) as refused:
        pairs_against(project, mine, read_evaluation(mine), other.name)
    assert refused.value.code == "rating.no_opponent"
    with pytest.raises(UserFacingError):
        pairs_against(project, mine, read_evaluation(mine), "train-099")


def test_what_learned_from_ratings_is_judged_against_its_start(project):
    start, other = compared_run(project), compared_run(project)
    learned = compared_run(project)
    facts = read_json(learned.facts_file)
    write_json(learned.facts_file, {**facts, "more_of": start.name, "preferences": True})
    offered = opponents(project, learned, read_evaluation(learned))
    assert usual_opponent(learned, offered) == start.name
    assert usual_opponent(learned, [other.name]) == "", "its start cannot be chosen"
    write_json(learned.facts_file, {**facts, "more_of": start.name})
    assert usual_opponent(learned, offered) == "", "it learned more examples, no ratings"
    assert usual_opponent(start, offered) == ""
    assert usual_opponent(project.new_run("train"), offered) == ""
