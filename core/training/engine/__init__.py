"""The fast path: QLoRA training steps with fused layers and as little recomputation as fits.

``plan`` says what an engine may do and is free of torch; ``engine.attach`` gives the engine for a
loaded peft model. What the engine cannot run, ``reading.supports`` explains in words, and peft's
own forward pass trains it.
"""

from core.models.four_bit import import_bitsandbytes

import_bitsandbytes()  # before peft does it
