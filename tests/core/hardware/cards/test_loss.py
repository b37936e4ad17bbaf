import pytest

from core.errors import is_out_of_memory
from core.hardware.cards.loss import explain_card_error, is_card_error, recent_xid

LINE = "[ 5000.123456] NVRM: Xid (PCI:0000:01:00): 79, pid='<unknown>', GPU has fallen off the bus."


def error(text):
    return RuntimeError(f"CUDA error: {text}\nCUDA kernel errors might be reported later")


def test_the_kernels_number_is_found_while_it_is_new():
    assert recent_xid(LINE, now=5100) == 79
    assert recent_xid(LINE, now=9000) is None
    assert recent_xid("nothing", now=1) is None
    later = LINE.replace("5000", "5050").replace(" 79,", " 31,")
    assert recent_xid(f"{LINE}\n{later}", now=5100) == 31


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("unspecified launch failure", "card.lost"),
        ("unknown error", "card.lost"),
        ("no CUDA-capable device is detected", "card.lost"),
        ("uncorrectable ECC error encountered", "card.memory_fault"),
        ("an illegal memory access was encountered", "card.error"),
        ("device-side assert triggered", "card.error"),
    ],
)
def test_each_failure_has_its_next_step(text, code):
    assert is_card_error(error(text))
    told = explain_card_error(error(text))
    assert told.code == code
    assert "Resume" in told.todo
    assert text in told.details


@pytest.mark.parametrize(("xid", "code"), [(79, "card.lost"), (48, "card.memory_fault")])
def test_the_drivers_number_decides(xid, code):
    log = LINE.replace("79", str(xid)).replace("5000", "999999999999")
    told = explain_card_error(error("an illegal memory access was encountered"), log)
    assert told.code == code
    assert f"Xid {xid}" in told.details


def test_the_restart_is_asked_for_when_the_driver_is_lost():
    assert "Restart the computer" in explain_card_error(error("unknown error")).todo


def test_other_errors_are_not_the_cards():
    assert not is_card_error(RuntimeError("shapes do not match"))
    assert not is_card_error(ValueError("CUDA error"))


def test_memory_is_told_apart():
    assert is_out_of_memory(error("out of memory"))
    assert not is_out_of_memory(error("unknown error"))


@pytest.mark.parametrize("name", ["AcceleratorError", "CudaError"])
def test_an_error_of_the_cards_own_kind_needs_no_words(name):
    """Libraries change their words more often than the names of their errors."""
    own = type(name, (RuntimeError,), {})
    assert is_card_error(own("something that nobody has read yet"))
    assert is_card_error(type("Another", (own,), {})(""))
