import pytest

from core.planning.memory import memory_need
from core.planning.recompute import FUSED_FAMILIES, MEMORY_SHARE, planned_settings
from core.training.config import TrainingConfig
from tests.core.planning.situations import LLAMA_8B

CONFIG = TrainingConfig(micro_batch_tokens=1024, max_length=2048, rank=8)


def test_keeps_everything_where_it_fits() -> None:
    settings = planned_settings(LLAMA_8B, CONFIG, "gpu", 80 << 30)
    assert settings.recompute == 0.0
    assert (settings.rank, settings.micro_batch_tokens) == (8, 2048)


@pytest.mark.parametrize("gib", [4, 12, 16, 20])
def test_computes_again_where_it_does_not(gib: int) -> None:
    settings = planned_settings(LLAMA_8B, CONFIG, "gpu", gib << 30)
    assert settings.recompute == 1.0


def test_the_border_is_the_share_of_what_is_free() -> None:
    need = memory_need(LLAMA_8B, planned_settings(LLAMA_8B, CONFIG, "gpu", None)).total
    border = round(need / MEMORY_SHARE)
    assert planned_settings(LLAMA_8B, CONFIG, "gpu", border + 10).recompute == 0.0
    assert planned_settings(LLAMA_8B, CONFIG, "gpu", border - 10).recompute == 1.0


def test_the_fast_path_counts_where_it_will_be_used() -> None:
    def layers(**values: object) -> str:
        config = CONFIG.with_values(values)
        return planned_settings(LLAMA_8B, config, "gpu", None, "llama").layers

    assert layers() == "fused"
    assert layers(engine="peft") == layers(dropout=0.1) == "peft"
    assert planned_settings(LLAMA_8B, CONFIG, "gpu", None, "gemma2").layers == "peft"


def test_the_families_are_those_of_the_fast_path() -> None:
    from core.training.engine.reading import FAMILIES

    assert FUSED_FAMILIES == FAMILIES
