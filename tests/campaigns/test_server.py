"""Short form of the campaign: 60 clients of the local server, and one kill of the model."""

import pytest

from core.generation.spec import Done
from core.project import Project
from core.serving.use.record import UseRecord
from tests.campaigns import server
from tests.core.serving.conftest import ask


@pytest.mark.slow
def test_sixty_clients_of_which_many_misbehave(tmp_path):
    field, _figures = server.run(60, 0, tmp_path, kills=1)
    assert field.failures == []
    assert field.ended
    assert field.refused


@pytest.fixture
def field():
    return server.Field(None, "train-001", None)


def test_the_campaign_can_fail(tmp_path, field):
    project = Project.create(tmp_path / "project")
    with UseRecord(project) as record:
        for number, prompt in enumerate(("seen", "seen", "refused")):
            done = Done(id=str(number), reason="stop")
            record.add(ask(prompt, str(number)), "x", done, characters=200)
    field.ended, field.refused = {"seen", "lost"}, {"refused"}
    server.judge(field, project)
    assert [failure.partition(":")[0] for failure in field.failures] == [
        "in the record twice",
        "in the record lost",
        "in the record that were refused",
    ]
