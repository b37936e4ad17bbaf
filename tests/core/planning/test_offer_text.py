from core.models.hub.offer import Offer
from core.models.shape import ModelShape
from core.planning import offer_text
from core.planning.offer_text import offer_lines
from core.wording import gigabytes
from tests.core.models.hub.conftest import hub, listed  # noqa: F401 - a fixture


def offer_of(listing):
    shape = ModelShape.from_dimensions(
        hidden_size=2560, layers=36, heads=32, kv_heads=8, head_dim=128, ffn_size=9728,
        vocab_size=151936, context_length=262144, tied_embeddings=True,
    )  # fmt: skip
    return Offer(listing=listing, model_type="qwen3", architecture="Qwen3ForCausalLM", shape=shape)


def test_size_licence_and_the_disk_afterwards_are_told_before(hub, monkeypatch):  # noqa: F811
    repo = "Own/Tiny"
    hub.add(repo)
    listing = listed(hub, repo)
    monkeypatch.setattr(offer_text, "disk_free", lambda _folder: listing.size + 3 * 10**9)
    lines = "\n".join(offer_lines(offer_of(listing)))
    assert f"Download: {gigabytes(listing.size)} in" in lines
    assert "Licence: " in lines
    assert "3.0 GB afterwards" in lines


def test_a_catalogue_model_tells_its_languages(hub):  # noqa: F811
    repo = "Qwen/Qwen3-4B-Instruct-2507"
    hub.add(repo)
    lines = "\n".join(offer_lines(offer_of(listed(hub, repo))))
    assert "Languages: English" in lines and "4.0 billion parameters" in lines
