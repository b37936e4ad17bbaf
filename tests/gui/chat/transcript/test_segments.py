from __future__ import annotations

import random

import pytest

from gui.chat.transcript.segments import Segment, Segments

ANSWER = """Here it is:

```python
def f():
    return "```"
```

1. One
   ```sh
   ls
   ```
2. Two

~~~
a ``` b
~~~
The end"""


def parts(text: str) -> list[Segment]:
    made = Segments()
    made.feed(text)
    return made.all()


def test_code_is_a_part_of_its_own() -> None:
    found = parts(ANSWER)
    assert [part.language for part in found if part.is_code] == ["python", "sh", ""]
    assert [part.text for part in found if part.is_code] == [
        'def f():\n    return "```"', "ls", "a ``` b"
    ]  # fmt: skip
    assert found[-1].text == "The end"


@pytest.mark.parametrize("seed", range(20))
def test_pieces_give_the_same_as_the_whole(seed: int) -> None:
    drawn, made, rest = random.Random(seed), Segments(), ANSWER
    while rest:
        many = drawn.randint(1, 9)
        made.feed(rest[:many])
        made.growing()
        rest = rest[many:]
    assert made.all() == parts(ANSWER)


def test_what_is_complete_does_not_change_any_more() -> None:
    made = Segments()
    seen: list[Segment] = []
    for number in range(400):
        made.feed(f"Sentence {number} is here.\n" + ("\n" if number % 5 == 0 else ""))
        assert made.done[: len(seen)] == seen
        seen = list(made.done)
    assert len(seen) >= 4
    assert all(len(part.text) < 3000 for part in made.all())


def test_an_open_fence_shows_what_is_there() -> None:
    assert parts("```js\nlet a") == [Segment("let a", is_code=True, language="js")]
    assert parts("```js\nlet a\n```") == [Segment("let a", is_code=True, language="js")]
