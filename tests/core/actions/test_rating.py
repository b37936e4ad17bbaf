from core.actions.rating import open_rating
from core.evaluation.rating.ratings import Ratings
from core.project import Project
from tests.core.evaluation.rating.compared_runs import compared_run


def test_a_rating_continues_and_each_rater_and_opponent_has_one_of_its_own(tmp_path):
    project = Project.create(tmp_path / "p")
    first, second = compared_run(project), compared_run(project)
    with Ratings(project.ratings_file) as ratings:
        session = open_rating(project, ratings)
        assert session.run == second.name
        session.rate(session.next_question(), "tie")
        assert open_rating(project, ratings, second.name).rated == 1
        assert open_rating(project, ratings, rater="Ben").rated == 0
        other = open_rating(project, ratings, against=first.name)
        assert (other.opponent, other.rated) == (first.name, 0)
