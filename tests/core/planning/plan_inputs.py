"""Models, examples and cards that the planning tests share."""

from core.hardware.cards.reader import Card
from core.hardware.system.machine import Machine
from core.models.catalogue import find_entry
from core.models.shape import ModelShape
from core.planning.presets import PlanInput
from core.planning.workload import DatasetSize


def shape_of(key: str) -> ModelShape:
    entry = find_entry(key)
    assert entry is not None
    return entry.shape


LLAMA_8B = shape_of("llama-3.1-8b")
SAMPLE = shape_of("sample")
GUIDE_DATA = DatasetSize(2890, 510, 412, 2000)  # 3,400 examples, 85 % of them trained on
SAMPLE_DATA = DatasetSize(300, 53, 135, 700)
RTX_3090 = Card(
    index=0, name="NVIDIA GeForce RTX 3090", memory_total=24 << 30, memory_free=23 << 30,
    power_limit=350,
)  # fmt: skip
MACHINE = Machine("Linux", "processor", 8, 32 << 30, 24 << 30, 10**12)
BIG = PlanInput(LLAMA_8B, GUIDE_DATA, "gpu", 23 << 30)
SMALL = PlanInput(SAMPLE, SAMPLE_DATA, "cpu", 8 << 30)
