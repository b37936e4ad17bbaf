import pytest

from core.models.hub.access import Access, AccessError, Step, access_error, steps_to
from core.models.hub.connection import checked_endpoint
from core.models.hub.reference import HubReference


def test_a_step_names_its_page_for_the_terminal():
    assert Step("Log in", "https://x").sentence() == "Log in (https://x)"
    assert Step("Check again").sentence() == "Check again"


@pytest.mark.parametrize("access", Access)
def test_the_steps_are_numbered_in_the_error(access):
    endpoint = checked_endpoint("https://huggingface.co")
    error = access_error(access, endpoint, HubReference("a/b"))
    assert isinstance(error, AccessError)
    steps = steps_to(access, endpoint, "a/b")
    assert error.steps == steps
    assert all(f"{n}. {step.sentence()}" in error.todo for n, step in enumerate(steps, 1))
