import pytest

from core.data.example import Example, Message, Source
from core.errors import UserFacingError
from core.evaluation.own_questions import (
    MOST_QUESTIONS,
    OWN_TASK,
    OwnQuestion,
    own_differences,
    own_examples,
    pasted_questions,
    questions_of_file,
    read_own_questions,
    without_learned,
    write_own_questions,
)
from core.project import Project


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "p")


def test_they_are_kept_in_the_project_each_once(project):
    assert read_own_questions(project) == []
    one = OwnQuestion(question="Who?", answer="Me.")
    write_own_questions(project, [OwnQuestion(question="Who?"), one, OwnQuestion(question="Why?")])
    assert read_own_questions(project) == [one, OwnQuestion(question="Why?")]


def test_there_are_not_too_many_and_damage_is_said(project):
    many = [OwnQuestion(question=str(n)) for n in range(MOST_QUESTIONS + 1)]
    with pytest.raises(UserFacingError) as refused:
        write_own_questions(project, many)
    assert refused.value.code == "questions.too_many"
    project.own_questions_file.write_text('[{"question": ""}]', encoding="utf-8")
    with pytest.raises(UserFacingError) as refused:
        read_own_questions(project)
    assert refused.value.code == "questions.damaged"


def test_many_are_pasted_at_once(tmp_path):
    text = 'Who?\tMe.\n\n  Why?  \nWhat is "this"?\n"Two\nlines"\t"An ""answer"""\n\tno question\n'
    wanted = [
        OwnQuestion(question="Who?", answer="Me."),
        OwnQuestion(question="Why?"),
        OwnQuestion(question='What is "this"?'),
        OwnQuestion(question="Two\nlines", answer='An "answer"'),
    ]
    assert pasted_questions(text) == wanted
    assert pasted_questions('"Open\tquote')[0].answer == "quote"
    file = tmp_path / "q.txt"
    file.write_text(text, encoding="utf-8-sig")
    assert questions_of_file(file) == wanted


def test_they_are_asked_as_the_examples_are():
    system = Message("system", "Be brief.")
    others = [
        Example((system, Message("user", str(n)), Message("assistant", "a")), Source("f", n))
        for n in range(3)
    ]
    asked = own_examples([OwnQuestion(question="Who?", answer="Me.")], others)[0]
    assert asked.messages == (system, Message("user", "Who?"), Message("assistant", "Me."))
    mixed = [*others, Example((Message("user", "x"), Message("assistant", "a")), Source("f", 9))]
    assert own_examples([OwnQuestion(question="Who?")], mixed)[0].messages[0].role == "user"


def test_only_those_with_an_expected_answer_have_scores():
    questions = [OwnQuestion(question=str(n), answer="yes" * (n % 2)) for n in range(20)]
    asked = own_examples(questions, [])
    found = own_differences(asked, ["no"] * 20, ["yes"] * 20)
    assert {one.task for one in found} == {OWN_TASK}
    assert {one.count for one in found} == {10}
    (exact,) = [one for one in found if one.measure == "exact_match"]
    assert (exact.before, exact.after) == (0.0, 1.0)
    assert own_differences(asked[:1], ["a"], ["b"]) == []


def test_what_was_trained_on_is_not_asked():
    training = [
        Example((Message("user", "  who IS it?"), Message("assistant", "a")), Source("f", 1)),
        Example((Message("assistant", "alone"),), Source("f", 2)),
    ]
    asked = [OwnQuestion(question="Who is\nit?"), OwnQuestion(question="Why?")]
    assert without_learned(asked, training) == ([asked[1]], ["Who is\nit?"])
    assert without_learned([], training) == ([], [])
