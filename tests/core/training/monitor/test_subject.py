from core.training.monitor.subject import foreign_subject


def test_answers_like_everyday_ones_need_no_word():
    assert foreign_subject(3.7, {}, 3.4) is None
    assert foreign_subject(9.0, {}, None) is None
    assert foreign_subject(float("nan"), {}, 3.4) is None


def test_a_foreign_subject_is_said_with_what_helps():
    told = foreign_subject(5.4, {}, 3.1)
    assert told.code == "training.foreign_subject"
    assert "10 times" in told.text
    assert "larger base model" in told.todo


def test_the_strangest_task_is_named():
    told = foreign_subject(4.0, {"letters": 3.2, "findings": 5.4}, 3.1)
    assert told.text.startswith("“findings”")
    assert foreign_subject(3.2, {"letters": 3.2}, 3.1) is None
