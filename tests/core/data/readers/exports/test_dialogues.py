import io

import pytest

from core.data.readers.exports.dialogues import dialogue_rows, is_dialogue

FORMS = (
    "**You:**\n\n{0}\n\n---\n\n**ChatGPT:**\n\n{1}\n\n---\n\n",
    "### 🧑‍💻 User\n{0}\n\n---\n### 🤖 Assistant\n{1}\n\n",
    "_**User**_\n\n{0}\n\n---\n\n_**Cursor**_\n\n{1}\n\n---\n\n".replace("_", ""),
    "## You said:\n{0}\n## ChatGPT said:\n{1}\n",
    "# Human (3/1/2024, 9:10)\n{0}\n# Claude (3/1/2024, 9:11)\n{1}\n",
)


@pytest.mark.parametrize("form", FORMS)
def test_a_saved_chat_is_one_conversation(form):
    text = "# Title\n_saved today_\n\n" + "".join(
        form.format(f"Why {n}?", f"So {n}.\n\n- one\n- two") for n in range(3)
    )
    assert is_dialogue(text)
    (record,) = dialogue_rows(io.BytesIO(text.encode()), "utf-8")
    turns = [(t["role"], t["content"]) for t in record.value["messages"]]
    assert turns[::2] == [("user", f"Why {n}?") for n in range(3)]
    assert turns[1::2] == [("assistant", f"So {n}.\n\n- one\n- two") for n in range(3)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Question\nWhy?\n# Answer\nSo.\n",
        "You\nwere late.\nAI\nis not.\n",
        "# User\nWhy?\n# Assistant\nSo.\n",  # rows of their own, as before
        "Long\n" * 100 + "**You:**\nWhy?\n**AI:**\nSo.\n",
    ],
)
def test_other_texts_are_none(text):
    assert not is_dialogue(text)
