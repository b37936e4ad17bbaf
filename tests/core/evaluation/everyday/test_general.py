"""The packaged everyday questions."""

from core.evaluation.everyday.general import fresh_questions, general_questions
from core.training.preferences.questions import question_hash


def test_what_was_judged_is_no_everyday_question_any_more():
    first, *others = general_questions()
    assert fresh_questions(()) == [first, *others]
    assert fresh_questions({question_hash(first["question"])}) == others
