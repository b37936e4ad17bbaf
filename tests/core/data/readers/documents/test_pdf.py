import io

import pytest

from core.data.readers.documents.paragraphs import Tidied, UnreadableError
from core.data.readers.documents.pdf import pdf_paragraphs
from tests.core.data.readers.documents.made import pdf


def read(*pages):
    tidied = Tidied()
    return [p.marked for p in pdf_paragraphs(io.BytesIO(pdf(*pages)), tidied)], tidied


def test_lines_become_paragraphs_also_over_the_end_of_a_page():
    found, _ = read(
        ["Tea is a drink that", "many like.", None, "It is"], ["made of leaves.", "", "New."]
    )
    assert found == ["Tea is a drink that many like.", "It is made of leaves.", "New."]


def test_points_of_a_list_stay_apart():
    found, _ = read(["You need:", "• water", "• leaves", "1. Boil it.", "2. Wait."])
    assert found == ["You need:", "• water", "• leaves", "1. Boil it.", "2. Wait."]


def test_what_is_on_all_pages_is_the_text_where_there_is_nothing_else():
    found, tidied = read(["Same"], ["Same"], ["Same"])
    assert " ".join(found) == "Same Same Same" or found == ["Same"] * 3
    assert tidied == Tidied()


def test_chapters_that_differ_by_a_number_are_no_header():
    words = ("Red tea.", "Green tea.", "White tea.")
    pages = [["My book", None, (f"Part {n}", 20), None, word] for n, word in enumerate(words)]
    found, tidied = read(*pages)
    assert found == ["# Part 0", "Red tea.", "# Part 1", "Green tea.", "# Part 2", "White tea."]
    assert tidied.repeated == 3


def test_pictures_of_pages_are_no_text():
    with pytest.raises(UnreadableError, match="pictures"):
        read([], [])


def test_a_divided_word_does_not_part_a_paragraph():
    found, tidied = read(
        ["The first line of a long text that goes on,", "a divi-", "ded word in its middle and",
         "then it goes on to", "its end."],
    )  # fmt: skip
    assert found == [
        "The first line of a long text that goes on, a divided word in its middle and then it "
        "goes on to its end."
    ]
    assert tidied.joined == 1


def test_the_number_of_a_single_page_is_left_out():
    found, tidied = read(["It has 12 sails.", None, None, "41"])
    assert (found, tidied.repeated) == (["It has 12 sails."], 1)
