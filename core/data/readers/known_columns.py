"""Names that columns have in files of examples, the most telling first."""

from __future__ import annotations

QUESTIONS = (
    "instruction", "prompt", "question", "query", "user", "human", "problem", "ask", "request",
    "frage", "input_text", "user_prompt", "user_message", "text_input", "instructions", "prompts",
    "questions", "pregunta", "domanda", "q", "utterance", "user_input", "input_prompt",
)  # fmt: skip
CONTEXTS = ("input", "context", "passage", "choices", "options")
ANSWERS = (
    "output", "response", "completion", "answer", "assistant", "target", "reply", "solution",
    "antwort", "label", "summary", "gpt", "bot", "output_text", "assistant_message", "answers",
    "outputs", "targets", "responses", "completions", "respuesta", "réponse", "risposta",
    "generated_text", "ground_truth", "reference", "model_output", "a", "best_answer",
    "highlights", "code", "assistant_response", "bot_response", "model_response", "ai",
    "answerkey", "answer_key", "correct_answer",
)  # fmt: skip
DOCUMENTS = (
    "article", "document", "dialogue", "dialog", "text", "source", "sentence", "src", "content",
    "code", "func_code_string", "function", "diff", "title",
)  # fmt: skip
DIGESTS = (
    "summary", "highlights", "target", "tgt", "label", "headline", "tldr", "answer", "output",
    "response", "completion", "description", "abstract", "docstring", "documentation",
    "func_documentation_string", "commit_message", "changelog", "comment", "code",
)  # fmt: skip
PREFERRED = (
    ("chosen", "rejected"), ("chosen_response", "rejected_response"), ("accepted", "rejected"),
    ("preferred_output", "non_preferred_output"), ("preferred", "dispreferred"),
    ("response_chosen", "response_rejected"), ("answer_chosen", "answer_rejected"),
    ("response_j", "response_k"), ("better", "worse"), ("win", "lose"), ("winner", "loser"),
)  # fmt: skip
SYSTEMS = (
    "system",
    "system_prompt",
    "system_message",
    "system_instruction",
    "systeminstruction",
    "systemprompt",
    "system_instructions",
    "sys_prompt",
)
REASONINGS = (
    "reasoning_content",
    "reasoning",
    "thinking",
    "cot",
    "complex_cot",
    "chain_of_thought",
    "rationale",
    "thought",
    "thoughts",
    "thinking_content",
    "reasoning_trace",
    "reasoning_text",
    "long_cot",
    "scratchpad",
    "thinking_trajectory",
    "think",
    "deepseek_reasoning",
    "thought_process",
)
TOOLS = ("tools", "functions")
CONVERSATIONS = (
    "messages", "conversations", "conversation", "dialogue", "dialog", "turns", "chat",
    "conversation_a", "data", "contents", "internal", "chat_messages", "segments",
)  # fmt: skip
TEXTS = ("text", "content", "body", "document", "passage", "article", "story", "code")
TASKS = ("task", "category", "task_type", "task_name")
VERDICTS = ("label", "kto_tag", "is_good", "thumbs_up")
