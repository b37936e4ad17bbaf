from core.chat.template import end_processes
from core.export.probing import other_text, rendered, token_ids


def test_the_same_tokenizer_makes_the_same_text(tokenizer):
    chats = [[{"role": "user", "content": "Hello"}]]
    prompts = rendered(tokenizer, chats)
    ids = token_ids(tokenizer, prompts)
    assert other_text(tokenizer, chats, prompts, ids) == ""
    assert "the chat template gives" in other_text(tokenizer, chats, ["otherwise"], ids)
    assert "the tokenizer gives" in other_text(tokenizer, chats, prompts, [[1]])
    end_processes()
