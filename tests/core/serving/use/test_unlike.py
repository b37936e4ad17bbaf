import pytest

from core.data.cleaning import Choices
from core.data.preparation import prepare
from core.data.splitting import SplitOptions
from core.generation.spec import Done
from core.serving.use.unlike import Nearest, unlike_the_examples
from tests.core.data.examples import clean_pairs, instruction_rows, scanned
from tests.core.serving.conftest import ask

STRANGE = (
    "Schreibe ein Gedicht über Quantenphysik",
    "SELECT name, salary FROM employees WHERE id = 7;",
    "def fibonacci(n): return n if n < 2 else fibonacci(n-1)",
    "3x² + 7x − 12 = 0, x = ?",
)


@pytest.fixture
def version(tmp_path, project):
    draft, _ = scanned(tmp_path, instruction_rows(clean_pairs(500, 8)))
    with draft:
        return prepare(draft, Choices(), SplitOptions(), project.versions)


def use(record, prompt):
    id = f"r{record.counts().requests}"
    record.add(ask(prompt, id), "x", Done(id=id, reason="stop"), characters=200)


def test_a_text_is_nearest_to_itself():
    questions = ["What is the capital of France?", "How do I bake bread?", "Bonjour"]
    nearest = Nearest(questions)
    for place, text in enumerate(questions):
        likeness, found = nearest.likeness(text)
        assert found == place
        assert likeness == pytest.approx(1, abs=1e-5)
    likeness, place = nearest.likeness("How do I bake a cake?")
    assert place == 1
    assert 0 < likeness < 1
    assert nearest.likeness(questions[0], but=0)[1] != 0


def test_nothing_is_like_nothing():
    assert Nearest([]).likeness("x") == (0.0, -1)
    assert Nearest(["abc"]).likeness("") == (0.0, 0)


def test_strange_questions_are_found_with_their_nearest_example(record, version):
    alike = [question for question, _answer in clean_pairs(60, 99)]
    for text in (*alike, *STRANGE):
        use(record, text)
    found = unlike_the_examples(record.newest(), version, 200)
    assert found.compared == 64
    assert set(STRANGE) <= {unlike.use.prompt for unlike in found.unlike}
    false = [u for u in found.unlike if u.use.prompt in alike]
    assert len(false) <= 4, "two in a hundred of alike questions are"
    train = {example.question for example in version.examples("train")}
    assert all(any(q.startswith(u.nearest) for q in train) for u in found.unlike)
    assert [u.likeness for u in found.unlike] == sorted(u.likeness for u in found.unlike)
    assert 0 < found.share < 0.2


def test_without_held_out_examples_the_training_examples_are_compared(record, tmp_path, project):
    draft, _ = scanned(tmp_path, instruction_rows(clean_pairs(60, 8)))
    with draft:
        version = prepare(draft, Choices(), SplitOptions(held_out=0), project.versions)
    use(record, STRANGE[0])
    found = unlike_the_examples(record.newest(), version, 200)
    assert len(found.unlike) == 1
    assert found.threshold > 0


def test_questions_that_were_not_kept_are_not_compared(record, version):
    record.add(ask("x"), "y", Done(id="a", reason="stop"), characters=0)
    found = unlike_the_examples(record.newest(), version, 200)
    assert (found.compared, found.unlike, found.share) == (0, (), 0.0)
