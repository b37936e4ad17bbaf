from core.bin import put_in_bin
from core.library.about import LONGEST_NAME, About, called, named, read_about, write_about
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


def test_without_a_name_a_fine_tune_is_called_as_its_project(tmp_path):
    project = Project.create(tmp_path / "p", "Margaret bot")
    first, second = project.new_run("train"), project.new_run("train")
    assert [called(first), called(second)] == ["Margaret bot", "Margaret bot, run 2"]
    assert called(put_in_bin(project, second).run) == "Margaret bot, run 2", "also in the bin"
    write_about(first, About(name="Short answers"))
    assert called(first) == "Short answers"
    project.update_info(name="Bot for Margaret")
    assert called(project.new_run("train")) == "Bot for Margaret, run 3"
    assert called(project.new_run("export")) == "export-001"


def test_where_the_project_says_nothing_its_folder_or_the_run_does(tmp_path):
    project = Project.create(tmp_path / "old one")
    run = project.new_run("train")
    project.info_file.write_text('{"format": 1}')
    assert called(run) == "old one"
    project.info_file.write_text("{")
    assert called(run) == "train-001"
