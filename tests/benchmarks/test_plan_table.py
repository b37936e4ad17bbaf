from tests.benchmarks import plan_table


def test_every_model_is_planned_on_every_card(capsys):
    assert plan_table.main(["--keys", "qwen3-4b", "qwen3.5-9b", "--cards", "8", "24"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["qwen3-4b", "8"], ["qwen3-4b", "24"], ["qwen3.5-9b", "8"], ["qwen3.5-9b", "24"],
    ]  # fmt: skip
    assert all("fast" in line for line in lines) and "does not fit" not in lines[1]
