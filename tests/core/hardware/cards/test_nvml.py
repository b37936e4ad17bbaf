import pynvml
import pytest

from core.hardware.cards import nvml
from tests.core.hardware.fake_nvml import FakeNvml


def test_the_real_library_has_every_function_of_the_protocol() -> None:
    library = nvml.load_nvml()
    names = [name for name in vars(nvml.Nvml) if name.startswith("nvml")]
    assert len(names) > 20
    assert all(callable(getattr(library, name)) for name in names)
    assert all(callable(getattr(FakeNvml(), name)) for name in names)


def test_constants_equal_those_of_the_library() -> None:
    assert nvml.SENSOR_GPU == pynvml.NVML_TEMPERATURE_GPU
    assert nvml.THRESHOLD_SHUTDOWN == pynvml.NVML_TEMPERATURE_THRESHOLD_SHUTDOWN
    assert nvml.THRESHOLD_SLOWDOWN == pynvml.NVML_TEMPERATURE_THRESHOLD_SLOWDOWN
    assert nvml.THRESHOLD_GPU_MAX == pynvml.NVML_TEMPERATURE_THRESHOLD_GPU_MAX
    assert nvml.THRESHOLD_ACOUSTIC == pynvml.NVML_TEMPERATURE_THRESHOLD_ACOUSTIC_CURR
    assert nvml.CLOCK_SM == pynvml.NVML_CLOCK_SM
    assert nvml.FIELD_MEMORY_TEMPERATURE == pynvml.NVML_FI_DEV_MEMORY_TEMP
    assert nvml.FIELD_SHUTDOWN_MARGIN == pynvml.NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT
    assert nvml.FIELD_GPU_MAX_MARGIN == pynvml.NVML_FI_DEV_TEMPERATURE_GPU_MAX_TLIMIT
    assert nvml.FIELD_SLOWDOWN_MARGIN == pynvml.NVML_FI_DEV_TEMPERATURE_SLOWDOWN_TLIMIT


@pytest.mark.parametrize(
    ("value", "expected"),
    [(5, 5), (5.5, 5.5), (-1, None), (11, None), (float("inf"), None), (True, None), ("5", None)],
)
def test_number_is_plausible_or_none(value: object, expected: float | None) -> None:
    assert nvml.number(lambda: value, 0, 10) == expected


def test_text_is_decoded_and_cut() -> None:
    assert nvml.text(lambda: b"RTX") == "RTX"
    assert nvml.text(lambda: "x" * 1000) == "x" * 100
    assert nvml.text(lambda: 3) == ""


def test_field_value_refuses_a_failed_entry() -> None:
    entry = pynvml.c_nvmlFieldValue_t()
    entry.nvmlReturn = pynvml.NVML_ERROR_NOT_SUPPORTED
    fake = FakeNvml(faults={"nvmlDeviceGetFieldValues": [entry]})
    with pytest.raises(ValueError, match="status"):
        nvml.field_value(fake, 1, 82)
