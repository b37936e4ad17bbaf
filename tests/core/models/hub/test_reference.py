import pytest

from core.errors import UserFacingError
from core.models.hub.reference import HubReference, parse_reference


@pytest.mark.parametrize(
    ("text", "repo", "revision"),
    [
        ("Qwen/Qwen3-4B", "Qwen/Qwen3-4B", "main"),
        ("  Qwen/Qwen3-4B \n", "Qwen/Qwen3-4B", "main"),
        ("Qwen/Qwen3-4B@v1.0", "Qwen/Qwen3-4B", "v1.0"),
        ("qwen3-4b", "Qwen/Qwen3-4B-Instruct-2507", "main"),
        ("Qwen 3 4B Instruct", "Qwen/Qwen3-4B-Instruct-2507", "main"),
        ("qwen/qwen3-4b-instruct-2507", "Qwen/Qwen3-4B-Instruct-2507", "main"),
        ("https://huggingface.co/a/b", "a/b", "main"),
        ("https://huggingface.co/a/b?library=transformers#use", "a/b", "main"),
        ("huggingface.co/a/b/", "a/b", "main"),
        ("https://huggingface.co/a/b/tree/dev", "a/b", "dev"),
        ("https://huggingface.co/a/b/tree/main/sub/folder", "a/b", "main"),
        ("https://huggingface.co/a/b/blob/refs%2Fpr%2F3/config.json", "a/b", "refs/pr/3"),
        ("https://huggingface.co/a/b/resolve/0123abc/config.json?download=true", "a/b", "0123abc"),
        ("https://huggingface.co/a/b/discussions/7", "a/b", "main"),
        ("https://hf-mirror.com/a/b", "a/b", "main"),
        ("https://hf.co/a/b:Q4_K_M", "a/b", "main"),
        ("hf://models/a/b", "a/b", "main"),
        ("hf://a/b@dev", "a/b", "dev"),
        ("git clone https://huggingface.co/a/b.git", "a/b", "main"),
        ("`a/b`", "a/b", "main"),
        ('"a/b",', "a/b", "main"),
    ],
)
def test_what_is_meant(text, repo, revision):
    assert parse_reference(text) == HubReference(repo, revision)


def test_a_revision_asked_for_counts_more_and_a_private_hub_has_its_links():
    assert parse_reference("a/b@old", "new").revision == "new"
    link = "http://hub.example:8080/team/model/tree/v2"
    hosts = frozenset({"hub.example:8080"})
    assert parse_reference(link, hosts=hosts) == HubReference("team/model", "v2")
    assert (HubReference("a/b").owner, HubReference("a/b").name) == ("a", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not the name of a model"),
        ("   ", "not the name of a model"),
        ("x" * 600, "not the name of a model"),
        ("gpt2", "lacks the owner"),
        ("llama3.1:8b", "Ollama"),
        ("https://huggingface.co/datasets/a/b", "a dataset"),
        ("https://huggingface.co/spaces/a/b", "a demo application"),
        ("https://example.com/a/b", "“example.com” is not a model hub"),
        ("https://huggingface.co.evil.example/a/b", "is not a model hub"),
        ("ftp://huggingface.co/a/b", "“ftp” links"),
        ("https://[broken/a/b", "link is not valid"),
        ("https://huggingface.co", "lacks the owner"),
        ("a/b/c", "one owner and one name"),
        ("../b", "characters that are not allowed"),
        ("a/..", "characters that are not allowed"),
        ("a/b--c", "characters that are not allowed"),
        ("a/ü", "characters that are not allowed"),
        ("a/b\x00", "characters that are not allowed"),
        ("a/b@../../x", "name of a version"),
        ("a/b@-x", "name of a version"),
    ],
)
def test_what_is_none_is_said_in_one_sentence(text, said):
    with pytest.raises(UserFacingError, match=said) as refusal:
        parse_reference(text)
    assert refusal.value.code == "hub.not_a_reference"
    assert "paste the link" in refusal.value.todo
    assert len(refusal.value.what) < 160
