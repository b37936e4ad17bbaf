from core.contract import params_type
from core.export.gguf.spec import GgufParams, GgufProofParams


def test_the_jobs_are_known_by_name():
    assert params_type("gguf") is GgufParams
    assert params_type("gguf_proof") is GgufProofParams
