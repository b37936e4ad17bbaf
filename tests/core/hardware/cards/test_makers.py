from core.hardware.cards.makers import Maker, makers


def test_makers_are_read_from_the_system(tmp_path):
    for name, text in (("card0", "0x1002\n"), ("card1", "0x10de\n"), ("card2", "0x1234\n"),
                       ("card3", "nonsense")):  # fmt: skip
        (tmp_path / name / "device").mkdir(parents=True)
        (tmp_path / name / "device/vendor").write_text(text)
    assert makers(tmp_path) == {Maker.AMD, Maker.NVIDIA}
    assert makers(tmp_path / "nothing") == frozenset()
