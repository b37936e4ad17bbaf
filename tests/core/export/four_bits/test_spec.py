from core.contract import params_type
from core.export.four_bits.spec import FourBitsProofParams, FourBitsProofResult


def test_the_job_is_known_by_name_and_gives_its_own_result():
    assert params_type("four_bits_proof") is FourBitsProofParams
    assert FourBitsProofParams.result_type() is FourBitsProofResult
