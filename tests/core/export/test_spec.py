from core.contract import params_type, read_result
from core.export.spec import LikenessResult, MergedProofParams
from core.jobs.likeness import Likeness


def test_what_a_child_gives_comes_back_as_it_was():
    assert params_type("merged_proof") is MergedProofParams
    alike = Likeness(tokens=3, loss=float("inf"), wanted=1.0, divergence=float("nan"))
    found = LikenessResult(likeness=alike, answer="x")
    back = read_result("merged_proof", found.model_dump(mode="json"))
    assert back.model_dump_json() == found.model_dump_json()
