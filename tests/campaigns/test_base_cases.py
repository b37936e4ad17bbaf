from tests.campaigns import base_cases


def test_the_short_form_passes(capsys):
    assert base_cases.main(["--only", "60", "62", "64", "67", "68", "70", "71", "72", "73"]) == 0
    assert capsys.readouterr().out.endswith("cases 9, failures 0\n")
