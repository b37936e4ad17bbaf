import pytest

from core.models.hub.access import Access, AccessError, access_error, steps_to
from core.models.hub.connection import checked_endpoint
from core.models.hub.gated import require_access
from core.models.hub.reference import HubReference
from tests.core.models.hub.conftest import reach
from tests.loopback_hub import TOKEN, Fault

A = HubReference("a/b")


def refused(hub, token):
    with reach(hub, token) as way, pytest.raises(AccessError) as refusal:
        require_access(way, A)
    return refusal.value


def test_from_no_token_to_the_model(hub):
    repo = hub.add("a/b", gated="manual")
    first = refused(hub, None)
    assert (first.code, first.access) == ("hub.gated", Access.NO_TOKEN)
    assert [step.link for step in first.steps[:2]] == [f"{hub.url}/a/b"] * 2
    assert f"1. {first.steps[0].text} ({hub.url}/a/b)" in first.todo
    assert "--token" in first.todo and first.steps[-1].text == "Check again."

    wrong = refused(hub, "hf_wrong_00000000")
    assert (wrong.code, wrong.access) == ("hub.bad_token", Access.BAD_TOKEN)

    asked = refused(hub, TOKEN)
    assert (asked.code, asked.access) == ("hub.terms", Access.TERMS)
    assert "Create" not in asked.todo, "there is a token already"

    repo.accepted.add(TOKEN)
    with reach(hub, TOKEN) as way:
        require_access(way, A)


def test_waiting_for_the_owner_and_a_token_without_rights(hub):
    hub.add("a/b")
    endpoint = checked_endpoint(hub.url)
    waiting = access_error(Access.WAITING, endpoint, A)
    assert "Wait" in waiting.steps[0].text
    hub.faults.append(Fault("status", where="auth-check", value=403))
    refusal = refused(hub, TOKEN)
    assert (refusal.code, refusal.access) == ("hub.forbidden", Access.FORBIDDEN)
    assert "gated" in refusal.todo


@pytest.mark.parametrize("access", Access)
def test_every_state_but_the_open_one_has_steps(access):
    steps = steps_to(access, checked_endpoint("https://huggingface.co"), "a/b")
    assert bool(steps) is (access is not Access.OPEN)
    assert access_error(access, checked_endpoint("https://x"), A).what
