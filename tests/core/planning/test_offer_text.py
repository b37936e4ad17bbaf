from core.models.hub.offer import Offer
from core.models.shape import ModelShape
from core.planning.offer_text import offer_lines
from tests.core.models.hub.conftest import hub, listed  # noqa: F401 - a fixture


def offer_of(listing):
    shape = ModelShape.from_dimensions(
        hidden_size=2560, layers=36, heads=32, kv_heads=8, head_dim=128, ffn_size=9728,
        vocab_size=151936, context_length=262144, tied_embeddings=True,
    )  # fmt: skip
    return Offer(listing=listing, model_type="qwen3", architecture="Qwen3ForCausalLM", shape=shape)


def test_a_catalogue_model_tells_its_languages(hub):  # noqa: F811
    repo = "Qwen/Qwen3-4B-Instruct-2507"
    hub.add(repo)
    lines = "\n".join(offer_lines(offer_of(listed(hub, repo))))
    assert "Languages: English" in lines and "4.0 billion parameters" in lines
