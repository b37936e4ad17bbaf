from gui.kit.question import Question


def test_the_first_answer_is_the_harmless_one():
    question = Question("What?", "Why.", (("Hide", lambda: None), ("Keep", lambda: None)))
    assert question.answers[0][0] == "Hide"
