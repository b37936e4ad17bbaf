import re
from html.parser import HTMLParser

from core.data.versions.receipt import Receipt, RowChange
from core.data.versions.receipt_page import RECEIPT_PAGE, html_page, markdown_page
from tests.core.data.versions.test_receipt import prepared

HOSTILE = '<script>alert(1)</script>|`x` ![i](http://a/b.png) "q" & <img src=x>'


def receipt_of(folder):
    return Receipt.model_validate(prepared(folder).receipt())


def hostile(receipt):
    row = RowChange(
        file=HOSTILE, line=3, what="dropped", by="rule", reasons=("html",), details=HOSTILE
    )
    source = receipt.sources[0].model_copy(update={"label": HOSTILE})
    return receipt.model_copy(update={"rows": (row,), "sources": (source,)})


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.text.append(data)


def read(html):
    page = _Page()
    page.feed(html)
    return page


def test_the_page_lies_beside_the_version_and_says_everything(tmp_path):
    version = prepared(tmp_path)
    html = (version.folder / RECEIPT_PAGE).read_text(encoding="utf-8")
    assert html == html_page(Receipt.model_validate(version.receipt()))
    text = " ".join(read(html).text)
    assert "61 rows came in: 58 kept (3 changed), 3 left out." in text
    assert version.content_hash in text
    assert "exact copies" in text
    assert "your decision" in text


def test_texts_from_the_data_are_never_markup(tmp_path):
    html = html_page(hostile(receipt_of(tmp_path)))
    page = read(html)
    assert page.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table", "tr", "th",
        "td", "details", "summary",
    }  # fmt: skip
    assert HOSTILE in page.text
    assert "http-equiv" not in html


def test_markdown_shows_texts_as_they_are(tmp_path):
    text = markdown_page(hostile(receipt_of(tmp_path)))
    (row,) = [line for line in text.splitlines() if "script" in line and "| 3 |" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert not re.search(r"(?<!\\)[<`!]", row)
    assert text.startswith("# Receipt of your examples")


def test_long_receipts_say_how_much_is_not_shown(tmp_path):
    receipt = receipt_of(tmp_path)
    many = receipt.model_copy(update={"rows": receipt.rows * 100, "dropped": {"person": 657}})
    assert "… and 160 more. receipt.json lists them." in html_page(many)


def test_mixture_and_review_are_told(tmp_path):
    receipt = receipt_of(tmp_path)
    mixture = receipt.mixture.model_copy(update={"shares": {"a": 3, "b": 1}, "rehearse": "abc"})
    values = {
        "mixture": mixture,
        "unused": {"b": 12},
        "dropped": {"mixture": 12},
        "added": {"general": 30, "earlier": 9},
        "reviewed": {"keep": 18, "flag": 2},
    }
    text = markdown_page(receipt.model_copy(update=values))
    assert "| a | 75% | 0 |" in text
    assert "30 general examples were added" in text
    assert "9 examples of the earlier version abc are rehearsed" in text
    assert "You looked at 20 rows." in text
    assert re.search(r"\| flagged \| 2 \|\n\| kept \| 18 \|", text)
    assert "| more than the training mix needs | 12 | 0 | 12 | you |" in text


def test_one_part_for_watching_and_testing_is_not_called_no_test(tmp_path):
    receipt = receipt_of(tmp_path)
    few = receipt.model_copy(update={"split": {"train": 50, "validation": 8, "test": 0}})
    text = " ".join(read(html_page(few)).text)
    assert "never learned: to watch the training, and for the comparison" in text
    assert "set aside for testing" not in text
    many = receipt.model_copy(update={"split": {"train": 500, "validation": 50, "test": 50}})
    assert "set aside for testing" in " ".join(read(html_page(many)).text)
