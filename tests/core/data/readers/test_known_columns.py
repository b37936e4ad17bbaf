from core.data.readers import known_columns

TABLES = {name: value for name, value in vars(known_columns).items() if name.isupper()}


def test_every_name_is_written_as_columns_are_compared():
    for table, names in TABLES.items():
        flat = [name for entry in names for name in ((entry,) if isinstance(entry, str) else entry)]
        assert flat, table
        assert all(name == name.strip().lower() for name in flat), table


def test_no_name_stands_twice_in_a_table():
    for table, names in TABLES.items():
        assert len(set(names)) == len(names), table


def test_questions_and_answers_have_no_name_in_common():
    assert not set(known_columns.QUESTIONS) & set(known_columns.ANSWERS)
