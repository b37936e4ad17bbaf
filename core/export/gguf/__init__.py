"""The form ``gguf``: one file for Ollama, LM Studio and everything else on llama.cpp."""
