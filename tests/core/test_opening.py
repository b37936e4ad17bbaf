from core.opening import Opening, was_never_shown
from core.settings import application_folder


def test_what_was_shown_may_be_opened_again(tmp_path):
    opening = Opening()
    opening.begin(tmp_path)
    assert was_never_shown(tmp_path)
    assert not was_never_shown(tmp_path / "other")
    opening.end()
    opening.end()
    assert not was_never_shown(tmp_path)


def test_a_home_that_takes_no_file_keeps_no_project_closed(tmp_path, home):
    home.write_text("a file where the folder should be")
    opening = Opening()
    opening.begin(tmp_path)
    assert not was_never_shown(tmp_path)
    opening.end()


def test_a_damaged_note_says_nothing(tmp_path):
    application_folder().mkdir(parents=True)
    (application_folder() / "opening.json").write_text("[]")
    assert not was_never_shown(tmp_path)
