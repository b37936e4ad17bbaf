"""Chat templates written after the habits of well-known families, each with one that is awkward."""

QWEN_THINKING = (
    "{% set last = namespace(user=-1) %}{% for m in messages %}{% if m.role == 'user' %}"
    "{% set last.user = loop.index0 %}{% endif %}{% endfor %}"
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}"
    "{% if m.role == 'assistant' and loop.index0 > last.user and loop.last %}"
    "{{ '<think>\n' + (m.reasoning_content or '') + '\n</think>\n\n' }}{% endif %}"
    "{{ m.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""Shows an (empty) reasoning before the last answer only."""

R1_DISTILL = (
    "{{ '<bos>' }}{% for m in messages %}{% if m.role == 'assistant' %}"
    "{{ '<|bot|>' + m.content.split('</think>')[-1] + '<|end|>' }}"
    "{% else %}{{ '<|' + m.role + '|>' + m.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|bot|><think>\n' }}{% endif %}"
)
"""Opens the reasoning in its prompts, and leaves it out of finished conversations."""

MISTRAL = (
    "{% set system = '' %}{% set talk = messages %}{% if messages[0].role == 'system' %}"
    "{% set system = messages[0].content %}{% set talk = messages[1:] %}{% endif %}{{ '<s>' }}"
    "{% for m in talk %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "{% if m.role == 'user' %}{{ '[INST] ' }}{% if loop.last and system %}"
    "{{ system + '\n\n' }}{% endif %}{{ m.content + '[/INST]' }}"
    "{% else %}{{ ' ' + m.content + '</s>' }}{% endif %}{% endfor %}"
)
"""Shows a system text with the last question only, and only while that has no answer."""

PHI = (
    "{% for m in messages %}{% if m.role in ('system', 'user', 'assistant') %}"
    "{{ '<|' + m.role + '|>\n' + m.content + '<|end|>\n' }}{% endif %}{% endfor %}"
    "{{ '<|assistant|>\n' if add_generation_prompt else '<eos>' }}"
)
"""Ends a finished conversation with another token, and leaves out tool turns."""

GEMMA = (
    "{{ '<bos>' }}{% if messages[0].role == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}"
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "{{ '<start_of_turn>' + m.role + '\n' + m.content | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>assistant\n' }}{% endif %}"
)
"""Refuses system texts, tool turns, and answers without a question."""

GLM = (
    "{{ '<sop>' }}{% for m in messages %}{{ '<|user|>' if m.role == 'user' else '<|assistant|>' if "
    "m.role == 'assistant' else '<|' + m.role + '|>' }}{{ '\n' + m.content }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
"""Ends an answer with nothing but the mark of the next turn."""

HARMONY = (
    "{% for m in messages %}{% if m.role == 'assistant' %}{% if loop.last and m.thinking %}"
    "{{ '<|start|>assistant<|channel|>analysis<|message|>' + m.thinking + '<|end|>' }}{% endif %}"
    "{{ '<|start|>assistant<|channel|>final<|message|>' + m.content }}"
    "{{ '<|return|>' if loop.last else '<|end|>' }}"
    "{% else %}{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|start|>assistant' }}{% endif %}"
)
"""Writes the last answer with another end, and its reasoning in a channel."""

PARTS = (
    "{% for m in messages %}{{ m.role + ':' }}{% for p in m.content %}"
    "{% if p.type == 'text' %}{{ ' ' + p.text }}{% endif %}{% endfor %}{{ '<end>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
)
"""Reads the text of a turn only from a list of typed parts."""

JSON_TOOLS = (
    "{% for m in messages %}{{ '<|' + m.role + '|>' }}"
    "{{ (m.content | tojson) if m.role == 'tool' else m.content }}{{ '<|eot|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
"""Writes what a tool returned as JSON."""

NO_THINKING = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% if m.role == 'assistant' %}"
    "{{ '<think>\n' + (m.reasoning_content or '') + '\n</think>\n\n' }}{% endif %}"
    "{{ m.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\n<think>\n\n</think>\n\n' }}{% endif %}"
)
"""Closes the reasoning in its prompts."""

SHAPES = {
    "qwen-thinking": QWEN_THINKING,
    "r1-distill": R1_DISTILL,
    "mistral": MISTRAL,
    "phi": PHI,
    "gemma": GEMMA,
    "glm": GLM,
    "harmony": HARMONY,
    "parts": PARTS,
    "json-tools": JSON_TOOLS,
    "no-thinking": NO_THINKING,
}
