"""What was judged in each place of a project, as something to learn from."""

from contextlib import closing

import pytest

from core.conversations import store
from core.conversations.conversation import Answer, Conversation, Exchange
from core.evaluation.rating.ratings import AnswerPair, Ratings
from core.generation.spec import Done
from core.jobs.spec import TrainParams, write_spec
from core.preferences.sources import all_found, rated, recorded, talked
from core.project import Project
from core.serving.use.comparison import begin, open_database
from core.serving.use.record import UseRecord
from tests.core.serving.conftest import ask


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "Projekt ü")


def told(found):
    """(question, kind, answer, other) of what can be learned; the reason of what cannot."""
    return [
        one.reason
        if one.judgement is None
        else (
            one.judgement.question,
            one.judgement.kind,
            one.judgement.answer.text,
            one.judgement.other.text if one.judgement.other else None,
        )
        for one in found
    ]


def rate(project, run, pairs, choices):
    """Rate by author: ``mine``, ``other``, ``tie`` or ``both_bad``."""
    with Ratings(project.ratings_file) as ratings:
        session = ratings.session(run, pairs)
        for position in range(session.count):
            question = session.question(position)
            choice = choices.get(question.question)
            mine = "a" if question.answer_a.startswith("tuned") else "b"
            sides = {"mine": mine, "other": "b" if mine == "a" else "a"}
            if choice:
                session.rate(question, sides.get(choice, choice))


def test_blind_ratings(project):
    names = ("better", "worse", "tie", "bad", "open", "cut", "own cut")
    pairs = [
        AnswerPair(
            name,
            "base",
            "tuned",
            kind="general",
            base_cut=name == "cut",
            tuned_cut=name == "own cut",
        )
        for name in names
    ]
    choices = {
        "better": "mine", "worse": "other", "tie": "tie", "bad": "both_bad", "cut": "mine",
        "own cut": "mine",
    }  # fmt: skip
    rate(project, "train-001", pairs, choices)
    found = told(rated(project))
    assert sorted(found, key=str) == sorted(
        [
            ("better", "pair", "tuned", "base"),
            ("worse", "pair", "base", "tuned"),
            ("bad", "bad", "tuned", None),
            ("bad", "bad", "base", None),
            ("cut", "pair", "tuned", "base"),
            "tie",
            "cut",
        ],
        key=str,
    )


def test_a_rated_conversation_is_found_in_the_data(walked, project, monkeypatch):
    version = walked.project.versions / walked.report.content_hash
    monkeypatch.setattr(Project, "version_folder", lambda _self, _name: version)
    run = project.new_run("train")
    write_spec(run, TrainParams(dataset_version="v", base_model="/b"))
    from core.data.dataset import DatasetVersion

    known = next(iter(DatasetVersion.load(version).examples("test")))
    pairs = [AnswerPair(known.question, "base", "tuned"), AnswerPair("Gone?", "base", "tuned")]
    rate(project, run.name, pairs, {known.question: "mine", "Gone?": "mine"})
    found = told(rated(project))
    assert sorted(found, key=str) == sorted(
        [(known.question, "pair", "tuned", "base"), "unknown"], key=str
    )


def use(record, id, mark=None, edited="", prompt="", answer="It is.", reason="stop", **values):
    request = ask(prompt or f"What is {id}?", id)
    done = Done(id=id, reason=reason, tokens=4, seconds=1.0)
    record.add(request, answer, done, **{"characters": 200, **values})
    if mark:
        record.mark(record.find(id).id, mark, edited)


def test_the_record_of_use(project):
    with UseRecord(project) as record:
        use(record, "a", "right")
        use(record, "b", "wrong")
        use(record, "c", "edited", "It was.")
        use(record, "d", "right", reason="length")
        use(record, "e", "right", prompt="x" * 300)
        use(record, "f")
        use(record, "g")
        use(record, "h", "right")
        use(record, "i", source="chat")
    found = told(recorded(project, {"f": True, "g": False, "h": False, "i": True, "gone": True}))
    assert sorted(found, key=str) == sorted(
        [
            ("What is a?", "good", "It is.", None),
            ("What is b?", "bad", "It is.", None),
            ("What is c?", "pair", "It was.", "It is."),
            "cut",
            "unknown",
            ("What is f?", "good", "It is.", None),
            ("What is g?", "bad", "It is.", None),
            ("What is h?", "good", "It is.", None),
        ],
        key=str,
    )


def answer(text, model="base", **values):
    return Answer(model=model, text=text, **values)


def exchange(question, *answers):
    return Exchange(question=question, answers=answers)


def test_conversations(project):
    talk = Conversation(
        system="Be short.",
        exchanges=(
            exchange("up?", answer("Up.", thumb="up")),
            exchange("down?", answer("Down.", thumb="down")),
            exchange("mend?", answer("No.", corrected="Yes.", thinking="Hm.")),
            exchange("both?", answer("B.", thumb="down"), answer("T.", "train-001", thumb="up")),
            exchange("pick?", answer("B.", request="x"), answer("T.", "train-001", request="y")),
            exchange("same?", answer("B.", request="z"), answer("B.", "train-001", request="w")),
            exchange("cut?", answer("T.", thumb="up", reason="length")),
            exchange("nothing?", answer("T.")),
        ),
    )
    store.save(project.chats, store.new_name(), talk)
    found = list(talked(project, {"x": True, "w": True}))
    kinds = [one.reason or (one.judgement.kind, one.judgement.answer.text) for one in found]
    assert kinds == [
        ("good", "Up."),
        ("bad", "Down."),
        ("pair", "Yes."),
        ("pair", "T."),
        ("pair", "B."),
        "tie",
        "cut",
    ]
    mended = found[2].judgement
    assert [turn.content for turn in mended.turns] == [
        "Be short.", "up?", "Up.", "down?", "Down.", "mend?",
    ]  # fmt: skip
    assert mended.answer.reasoning == mended.other.reasoning == "Hm."


def test_all_places_together(project):
    assert not list(all_found(project))
    rate(project, "train-001", [AnswerPair("q", "base", "tuned", kind="own")], {"q": "mine"})
    with UseRecord(project) as record:
        use(record, "a", "right")
    with closing(open_database(project)) as database:
        begin(database, "base", "train-001")
    said = exchange("up?", answer("Up.", thumb="up"))
    store.save(project.chats, store.new_name(), Conversation(exchanges=(said,)))
    assert [one.place for one in all_found(project)] == ["rating", "chat", "use"]
