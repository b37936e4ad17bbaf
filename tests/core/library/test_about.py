from core.library.about import LONGEST_NAME, About, named, read_about, write_about
from core.project import Project


def test_what_was_said_is_kept_with_the_run(tmp_path):
    run = Project.create(tmp_path / "p").new_run("train")
    assert read_about(run) == About()
    said = named("  Docstrings,\n first ", " Cleaned. ", About(archived=True))
    assert said == About(name="Docstrings, first", notes="Cleaned.", archived=True)
    write_about(run, said)
    assert read_about(run) == said
    assert len(named("x" * 500, "", About()).name) == LONGEST_NAME


def test_what_cannot_be_read_says_nothing(tmp_path):
    run = Project.create(tmp_path / "p").new_run("train")
    for content in ("{", "[]", '{"name": 7}', '{"name": "' + "x" * 900 + '"}'):
        run.about_file.write_text(content)
        assert read_about(run) == About()
    run.about_file.unlink()
    run.about_file.symlink_to("/dev/zero")
    assert read_about(run) == About()
