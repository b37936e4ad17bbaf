import pytest
import torch

from core.errors import UserFacingError, is_out_of_memory, is_panic


def test_the_sentences_are_the_message():
    error = UserFacingError("a.b", "It broke.", "Mend it.", "E42")
    assert str(error) == "It broke. Mend it."
    assert (error.code, error.details) == ("a.b", "E42")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        torch.AcceleratorError("CUDA error: out of memory"),
        RuntimeError("CUDA driver error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("Triton Error [CUDA]: out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:116] data. DefaultCPUAllocator: not enough "
                     "memory: you tried to allocate 8 bytes."),
    ],
)  # fmt: skip
def test_every_library_says_in_its_own_way_that_memory_is_not_enough(error):
    assert is_out_of_memory(error)


def test_the_computers_own_memory_can_be_too_small_as_well():
    with pytest.raises(RuntimeError) as full:
        torch.empty(1 << 50, dtype=torch.uint8)
    assert is_out_of_memory(full.value)


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA error: misaligned address"), ValueError("out of memory")]
)
def test_other_errors_are_not_taken_for_it(error):
    assert not is_out_of_memory(error)


def test_mistakes_of_libraries_written_in_rust_are_known_by_their_name():
    assert is_panic(type("PanicException", (BaseException,), {})())
    assert not is_panic(KeyboardInterrupt())
