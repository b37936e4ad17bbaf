"""What was judged is never again an unseen question."""

import pytest

from core.data.example import Example, Message, Source
from core.errors import UserFacingError
from core.jobs.spec import PreferenceParams, TrainingFacts, TrainParams, write_spec
from core.project import Project
from core.storage.files import write_json
from core.training.preferences.judgement import Judgement, Reply, Turn, write_judgements
from core.training.preferences.questions import (
    JudgedText,
    fresh,
    hashes_of,
    judged_before,
    judged_in,
    judged_texts,
    question_hash,
)


def example(*texts):
    roles = ("system", "user")[-len(texts) :]
    turns = (Message(role, text) for role, text in zip(roles, texts, strict=True))
    return Example((*turns, Message("assistant", "Yes.")), Source("a", 1))


def judgement(*texts):
    roles = ("system", "user")[-len(texts) :]
    turns = tuple(Turn(role=r, content=t) for r, t in zip(roles, texts, strict=True))
    return Judgement(turns=turns, kind="good", answer=Reply(text="Yes."))


def test_a_judged_question_is_known_again():
    judged = hashes_of(judgement("is it  red?\n"))
    assert fresh([example("Is it red?"), example("Is it blue?")], judged) == [False, True]
    assert fresh([example("Is it red?")], ()) == [True]


def test_another_system_prompt_does_not_make_it_new():
    judged = hashes_of(judgement("Be brief.", "Is it red?"))
    assert fresh([example("Is it red?"), example("Be long.", "Is it blue?")], judged) == [
        False,
        True,
    ]
    assert fresh([example("Be long.", "Is it red?")], judged) == [False]


def test_the_same_words_about_other_texts_are_other_questions():
    judged = hashes_of(judgement("Text one.", "Sum it up."))
    three = [example(f"Text {n}.", "Sum it up.") for n in ("one", "two", "three")]
    assert fresh(three, judged) == [False, True, True]


PRINTER = "How do I reset the password of the printer on the second floor without the manual{}?"


def test_a_near_copy_of_a_judged_question_is_not_asked():
    judged = judgement("Be kind.", PRINTER.format(""))
    copy, other = example("Be kind.", PRINTER.format(", please")), example("Is it blue?")
    texts = [JudgedText.of(judged)]
    assert fresh([copy, other], hashes_of(judged), texts) == [False, True]
    assert fresh([copy, other], hashes_of(judged), texts, threshold=1.0) == [True, True]
    assert fresh([copy, other], hashes_of(judged)) == [True, True], "only its hash is known"
    bare = example(PRINTER.format(", please"))
    assert fresh([bare, other], hashes_of(judged), texts) == [False, True]
    assert fresh([example("Be rude.", "Is it red?"), copy], hashes_of(judged), texts)[0]


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "p")


def run_from(project, more_of=None, texts=(), facts=None):
    run = project.new_run("train")
    known = write_judgements(run, [judgement(text) for text in texts]) if texts else None
    asked = PreferenceParams(judgements=known) if known else None
    params = TrainParams(dataset_version="v", base_model="/b", more_of=more_of, preferences=asked)
    write_spec(run, params)
    if facts is not None:
        write_json(run.facts_file, TrainingFacts(steps=1, judged_questions=facts).document())
    return run, params


def test_a_run_knows_what_those_before_it_learned(project):
    plain, _ = run_from(project, facts=())
    first, params = run_from(project, plain.name, ("One?",))
    assert judged_in(first, params) == {question_hash("One?")}
    second, _ = run_from(project, first.name, ("Two?",))
    both = {question_hash("One?"), question_hash("Two?")}
    assert judged_before(project, second.name) == both
    third, _ = run_from(project, second.name, facts=("abc",))
    assert judged_before(project, third.name) == {"abc"}
    assert [text.bare for text in judged_texts(project, third.name)] == ["Two?", "One?"]
    first.judgements_file.unlink()
    assert [text.bare for text in judged_texts(project, second.name)] == ["Two?"]
    assert judged_texts(project, None) == judged_texts(project, "") == []
    assert judged_before(project, None) == judged_before(project, plain.name) == set()


def test_a_circle_ends_and_what_is_gone_is_said(project):
    run, _ = run_from(project, "train-001", ("One?",))
    assert judged_before(project, run.name) == {question_hash("One?")}
    with pytest.raises(UserFacingError) as refusal:
        judged_before(project, "train-009")
    assert refusal.value.code == "run.not_found"
