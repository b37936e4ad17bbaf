"""Which answers of a comparison were used."""

from contextlib import closing

from core.project import Project
from core.serving.use.comparison import begin, open_database
from core.serving.use.picks import used_answers


def test_marks_are_told_without_models(tmp_path):
    with closing(open_database(Project.create(tmp_path / "p"))) as database:
        comparison = begin(database, "base", "train-001")
        for name in ("one", "two", "three", "four"):
            comparison.draw(name)
        comparison.mark("one", used=True)
        comparison.mark("two", used=False)
        comparison.pick("three", "four")
        assert used_answers(database) == {"one": True, "two": False, "three": True}
