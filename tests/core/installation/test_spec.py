from core.installation.spec import EngineParams, EngineResult
from tests.loopback_index import Index


def test_what_was_agreed_to_survives_the_way_to_the_child():
    params = EngineParams(lock=Index(url="http://x").lock(), source="/wheels", proxy="http://p:1")
    assert EngineParams.model_validate(params.values()) == params
    assert EngineResult().document() == {"version": "", "torch": "", "seen": "", "kept": 0}
