"""The two small decoders: their shape, their chat format, their checkpoints."""
import torch

from gemma4 import FULL, SLIDING, Gemma4Config, Gemma4ForCausalLM
from tokenizer import BOS, END_OF_TURN, START_OF_TURN

# Gemma 4's turns. Its large models also expect an empty thought channel before an answer; these models have no thoughts.
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% set role = message['role'] %}"
    "{% if role == 'assistant' %}{% set role = 'model' %}{% endif %}"
    "{% if role == 'developer' %}{% set role = 'system' %}{% endif %}"
    "<|turn>{{ role }}\n{{ message['content'] }}<turn|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn>model\n{% endif %}")


def sample_config(vocab_size):
    return Gemma4Config(
        vocab_size=vocab_size, hidden_size=256, intermediate_size=768, layer_types=[SLIDING, SLIDING, SLIDING, FULL],
        num_attention_heads=4, num_key_value_heads=1, num_global_key_value_heads=1, head_dim=64, global_head_dim=128,
        sliding_window=128, max_position_embeddings=2048, causal=True)


def prompt_ids(tokenizer, prompt, system=None):
    """The ids up to the point where the model's answer starts."""
    newline = tokenizer.encode("\n")
    ids = [BOS]
    for role, text in (("system", system), ("user", prompt)):
        if text is not None:
            ids += [START_OF_TURN, *tokenizer.encode(f"{role}\n{text}"), END_OF_TURN, *newline]
    return ids + [START_OF_TURN, *tokenizer.encode("model\n")]


def prompt_and_answer(tokenizer, row, system=None):
    return prompt_ids(tokenizer, row["prompt"], system), tokenizer.encode(row["response"]) + [END_OF_TURN]


def save(model, path):
    torch.save({"vocab_size": model.config.vocab_size, "state": model.state_dict()}, path)


def load(path):
    saved = torch.load(path)
    model = Gemma4ForCausalLM(sample_config(saved["vocab_size"]))
    model.load_state_dict(saved["state"])
    return model.eval()
