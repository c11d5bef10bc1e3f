"""The Gemma 4 text architecture in PyTorch, as much of it as small models use.

Sliding and full attention layers with their own head sizes, Q/K norm with weight and V norm without, attention scale 1,
proportional RoPE (a quarter of the head turns) in full layers, sandwich norms without "1 + w", GeGLU with tanh GELU, a
scalar per layer, embeddings times sqrt(hidden), tied head and soft-capped logits. Left out: shared KV layers, mixture of
experts, per-layer embeddings, K = V.
"""
import math
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

SLIDING, FULL = "sliding_attention", "full_attention"


@dataclass
class Gemma4Config:
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    layer_types: list
    num_attention_heads: int
    num_key_value_heads: int
    num_global_key_value_heads: int
    head_dim: int
    global_head_dim: int
    sliding_window: int
    max_position_embeddings: int
    causal: bool
    rms_norm_eps: float = 1e-6
    sliding_rope_theta: float = 1e4
    full_rope_theta: float = 1e6
    full_rotary_factor: float = 0.25
    final_logit_softcapping: float = 30.0

    def heads(self, layer_type):
        """(head size, key/value heads) of a layer."""
        if layer_type == FULL:
            return self.global_head_dim, self.num_global_key_value_heads
        return self.head_dim, self.num_key_value_heads

    def rotary_table(self, layer_type, positions):
        """cos and sin, [positions, head size / 2]; channels beyond the rotary factor keep angle 0."""
        size, _ = self.heads(layer_type)
        factor, theta = (self.full_rotary_factor, self.full_rope_theta) if layer_type == FULL else (1.0, self.sliding_rope_theta)
        turning = int(factor * size // 2)
        frequency = torch.zeros(size // 2)
        frequency[:turning] = theta ** (-torch.arange(0, 2 * turning, 2, dtype=torch.float32) / size)
        angle = torch.arange(positions, dtype=torch.float32)[:, None] * frequency
        return angle.cos(), angle.sin()

    def allowed(self, layer_type, length):
        """[length, length], true where a query may see a key. A window of W is W tokens including the query's own; a
        bidirectional one reaches W - 1 to either side."""
        distance = torch.arange(length)[:, None] - torch.arange(length)
        allowed = distance >= 0 if self.causal else torch.ones(length, length, dtype=torch.bool)
        return allowed & (distance.abs() < self.sliding_window) if layer_type == SLIDING else allowed

    def to_json(self, **more):
        """The fields of a Hugging Face config.json."""
        fields = asdict(self)
        for name in ("causal", "sliding_rope_theta", "full_rope_theta", "full_rotary_factor"):
            del fields[name]
        return {
            "model_type": "gemma4_text", **fields, "num_hidden_layers": len(self.layer_types),
            "hidden_activation": "gelu_pytorch_tanh", "attention_bias": False, "attention_k_eq_v": False,
            "num_kv_shared_layers": 0, "hidden_size_per_layer_input": 0, "use_double_wide_mlp": False,
            "use_bidirectional_attention": not self.causal, "tie_word_embeddings": True,
            "rope_parameters": {
                SLIDING: {"rope_type": "default", "rope_theta": self.sliding_rope_theta},
                FULL: {"rope_type": "proportional", "rope_theta": self.full_rope_theta,
                       "partial_rotary_factor": self.full_rotary_factor}},
            "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2, **more}


class RmsNorm(nn.Module):
    def __init__(self, size, eps, gain=1.0, weighted=True):
        super().__init__()
        self.eps = eps
        weight = torch.full((size,), float(gain))
        if weighted:
            self.weight = nn.Parameter(weight)
        else:
            self.register_buffer("weight", weight, persistent=False)

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotate(x, cos, sin):
    """x [batch, heads, length, size]; the first half of a head pairs with the second."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Attention(nn.Module):
    def __init__(self, config, layer_type):
        super().__init__()
        self.query_heads = config.num_attention_heads
        self.size, self.key_heads = config.heads(layer_type)
        hidden, eps = config.hidden_size, config.rms_norm_eps
        self.q_proj = nn.Linear(hidden, self.query_heads * self.size, bias=False)
        self.k_proj = nn.Linear(hidden, self.key_heads * self.size, bias=False)
        self.v_proj = nn.Linear(hidden, self.key_heads * self.size, bias=False)
        self.o_proj = nn.Linear(self.query_heads * self.size, hidden, bias=False)
        # The scale is 1, so at the start the query's gain stands for the usual 1/sqrt(head size).
        self.q_norm = RmsNorm(self.size, eps, self.size ** -0.5)
        self.k_norm = RmsNorm(self.size, eps)
        self.v_norm = RmsNorm(self.size, eps, weighted=False)

    def forward(self, x, cos, sin, bias, watch=None):
        batch, length, _ = x.shape
        q = self.q_proj(x).view(batch, length, self.query_heads, self.size)
        k = self.k_proj(x).view(batch, length, self.key_heads, self.size)
        v = self.v_proj(x).view(batch, length, self.key_heads, self.size)
        q = rotate(self.q_norm(q).transpose(1, 2), cos, sin)
        k = rotate(self.k_norm(k).transpose(1, 2), cos, sin)
        v = self.v_norm(v).transpose(1, 2)
        if watch is not None:
            watch.append((k, v))
        # Each key head serves a group of query heads: fold the group into the length, no copy of K and V is made.
        group = self.query_heads // self.key_heads
        q = q.reshape(batch, self.key_heads, group * length, self.size)
        scores = (q @ k.transpose(-1, -2)).view(batch, self.key_heads, group, length, length) + bias.unsqueeze(1)
        mixed = scores.softmax(-1).view(batch, self.key_heads, group * length, length) @ v
        mixed = mixed.view(batch, self.query_heads, length, self.size).transpose(1, 2)
        return self.o_proj(mixed.reshape(batch, length, -1))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x):
        return self.down_proj(tanh_gelu(self.gate_proj(x)) * self.up_proj(x))


def tanh_gelu(x):
    return F.gelu(x, approximate="tanh")


class Layer(nn.Module):
    def __init__(self, config, layer_type):
        super().__init__()
        self.layer_type = layer_type
        hidden, eps = config.hidden_size, config.rms_norm_eps
        self.input_layernorm = RmsNorm(hidden, eps)
        self.self_attn = Attention(config, layer_type)
        self.post_attention_layernorm = RmsNorm(hidden, eps)
        self.pre_feedforward_layernorm = RmsNorm(hidden, eps)
        self.mlp = FeedForward(config)
        self.post_feedforward_layernorm = RmsNorm(hidden, eps)
        self.layer_scalar = nn.Parameter(torch.ones(1))

    def forward(self, x, cos, sin, bias, watch):
        x = x + self.post_attention_layernorm(self.self_attn(self.input_layernorm(x), cos, sin, bias, watch))
        x = x + self.post_feedforward_layernorm(self.mlp(self.pre_feedforward_layernorm(x)))
        return x * self.layer_scalar


class Gemma4TextModel(nn.Module):
    """Token ids to the last hidden states."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config, t) for t in config.layer_types)
        self.norm = RmsNorm(config.hidden_size, config.rms_norm_eps)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=module.weight.shape[1] ** -0.5)
        self._rotary = {t: config.rotary_table(t, config.max_position_embeddings) for t in set(config.layer_types)}

    def embed(self, ids):
        return self.embed_tokens(ids) * math.sqrt(self.config.hidden_size)

    def forward(self, x, present=None, watch=None):
        """x [batch, length, hidden] from `embed`; present [batch, length] is 1 for tokens, 0 for padding, None if all are
        tokens. `watch` collects each layer's keys and values as a cache would hold them."""
        length = x.shape[1]
        bias = {}
        for layer_type in self._rotary:
            allowed = self.config.allowed(layer_type, length)[None, None]
            if present is not None and not self.config.causal:
                allowed = allowed & present.bool()[:, None, None]
            bias[layer_type] = torch.zeros(allowed.shape).masked_fill_(~allowed, -1e9)
        for layer in self.layers:
            cos, sin = (table[:length] for table in self._rotary[layer.layer_type])
            x = layer(x, cos, sin, bias[layer.layer_type], watch)
        return self.norm(x)


class Gemma4ForCausalLM(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.model = Gemma4TextModel(config)

    def forward(self, ids, watch=None):
        """Logits [batch, length, vocabulary]."""
        return self.logits(self.model(self.model.embed(ids), watch=watch))

    def logits(self, hidden):
        cap = self.config.final_logit_softcapping
        return cap * torch.tanh(F.linear(hidden, self.model.embed_tokens.weight) / cap)


def round_to_half(module):
    """Rounds all parameters to float16 values, as they are stored in the exported files."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(parameter.half().float())
