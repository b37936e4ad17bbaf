from core.data.example import Example, Message, Source
from core.evaluation.prompts.nearest import Nearest


def example(question, answer="a", task=""):
    return Example((Message("user", question), Message("assistant", answer)), Source("f", 1), task)


TRAINING = [
    example("How do I clean the coffee machine?"),
    example("How do I clean the window?"),
    example("Which trains go to Bern on Sunday?"),
    example("Is the shop open on Sunday?"),
    example("Which trains go to Basel on Monday?", task="other"),
]


def questions(found):
    return [one.question for one in found]


def test_the_nearest_comes_last_and_others_of_the_task_fill_up():
    nearest = Nearest.of(TRAINING)
    found = questions(nearest.to(example("trains to Bern on Sunday"), 2))
    assert found[-1] == "Which trains go to Bern on Sunday?"
    assert found[0] == "Is the shop open on Sunday?"
    assert len(nearest.to(example("zzz"), 9)) == 4
    assert questions(nearest.to(example("trains", task="other"), 3)) == [TRAINING[4].question]


def test_rare_words_weigh_more():
    many = [example(f"Please tell me about thing number {n} please") for n in range(30)]
    many.append(example("badger"))
    assert questions(Nearest.of(many).to(example("Please tell me about the badger"), 1)) == [
        "badger"
    ]


def test_the_typical_ones_stand_for_different_things():
    some = [example(f"clean the machine {n}") for n in range(5)]
    some += [example(f"which trains run {n}") for n in range(4)]
    found = questions(Nearest.of(some).typical(2))
    assert {text.split()[0] for text in found} == {"clean", "which"}
    assert len(Nearest.of(some[:1]).typical(5)) == 1
    assert Nearest.of([]).typical(5) == []
