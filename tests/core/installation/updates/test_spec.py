from __future__ import annotations

from core.contract import params_type
from core.installation.updates.spec import UpdateParams
from tests.core.installation.updates.conftest import Publisher


def test_the_parameters_survive_the_way_into_the_child(publisher: Publisher) -> None:
    file = publisher.package("0.2.0", b"deb")
    params = UpdateParams(version="0.2.0", file=file)
    assert params_type("update").model_validate(params.values()) == params
