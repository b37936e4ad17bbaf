from core.evaluation.rating.criteria import (
    MOST_CRITERIA,
    Named,
    new_criterion,
    read_criteria,
    usual_criteria,
    write_criteria,
)
from core.project import Project


def test_a_project_begins_with_the_usual_ones(tmp_path):
    project = Project.create(tmp_path / "p")
    assert read_criteria(project) == usual_criteria()
    assert all(one.text for one in usual_criteria())


def test_own_ones_are_kept_and_unchanged_ones_stay_translatable(tmp_path):
    project = Project.create(tmp_path / "p")
    own = new_criterion("Courage", "It says so where it does not know.")
    usual = usual_criteria()
    kept = [usual[0], own, Named("tone", "Voice", "Ours.")]
    write_criteria(project, kept)
    assert read_criteria(project) == kept
    assert project.info()["criteria"][0] == {"key": "accuracy", "name": "", "text": ""}
    write_criteria(project, [])
    assert read_criteria(project) == []
    write_criteria(project, [new_criterion(str(n)) for n in range(9)])
    assert len(read_criteria(project)) == MOST_CRITERIA


def test_damaged_ones_are_the_usual_ones(tmp_path):
    project = Project.create(tmp_path / "p")
    for damaged in ("x", [1], [{"key": "A B"}], [{"key": "a", "name": "x" * 999}]):
        project.update_info(criteria=damaged)
        assert read_criteria(project) == usual_criteria()
