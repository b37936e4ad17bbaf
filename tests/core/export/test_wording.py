from core.export.wording import candidate_text, verdict_text
from core.jobs.likeness import Likeness


def test_what_was_measured_is_said():
    alike = Likeness(tokens=3, loss=1.0, wanted=1.0, divergence=0.01)
    text = "It answers like your fine-tune. Perplexity 2.718, with the adapter 2.718."
    assert verdict_text(alike).english == text
    other = alike.model_copy(update={"divergence": 0.1})
    assert "slightly differently" in verdict_text(other).english
    assert "0.0100" in candidate_text("original", alike).english
