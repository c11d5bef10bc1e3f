"""Writes the PyTorch models as ONNX graphs for ONNX Runtime.

Weights are stored as float16 and cast to float32; ONNX Runtime folds the cast when it loads the model, so a file is half as
large and still computes in float32. Large lookup tables are stored as int8 with one scale a row.
"""
import math

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from gemma4 import FULL, SLIDING
from router_model import HASH_MULTIPLIERS, KIND_LENGTH, MEANING_LENGTH

FLOAT, HALF, INT8, INT32, INT64 = (
    TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT8, TensorProto.INT32, TensorProto.INT64)
TO_THE_END = 2 ** 31 - 1


class Graph:
    """Nodes under construction; methods that add nodes return the name of the result."""

    def __init__(self):
        self.nodes, self.initializers, self.inputs, self.outputs = [], [], [], []
        self.scope = ""
        self._counts, self._constants = {}, {}

    def _name(self, kind):
        name = self.scope + kind
        self._counts[name] = count = self._counts.get(name, -1) + 1
        return f"{name}_{count}" if count else name

    def op(self, kind, *inputs, outputs=1, result=None, domain="", **attributes):
        names = [result] if result else [self._name(kind) for _ in range(outputs)]
        node = helper.make_node(kind, list(inputs), names, name=self._name("node_" + kind), domain=domain, **attributes)
        self.nodes.append(node)
        return names[0] if len(names) == 1 else names

    def contrib(self, kind, *inputs, **attributes):
        return self.op(kind, *inputs, domain="com.microsoft", **attributes)

    def constant(self, value, dtype):
        """A small constant; equal ones are stored once."""
        array = np.array(value, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = self.store(f"constant_{len(self._constants)}", array)
        return self._constants[key]

    def store(self, name, array):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, name, tensor):
        return self.op("Cast", self.store(name, tensor.detach().numpy().astype(np.float16)), to=FLOAT)

    def linear(self, x, name, *modules):
        """x times the transposed weights of one or more linear layers side by side."""
        weights = np.concatenate([m.weight.detach().numpy().T for m in modules], 1)
        y = self.op("MatMul", x, self.op("Cast", self.store(name, weights.astype(np.float16)), to=FLOAT))
        bias = getattr(modules[0], "bias", None)
        return y if bias is None else self.op("Add", y, self.weight(name + ".bias", bias))

    def rms_norm(self, x, name, module):
        return self.op("SimplifiedLayerNormalization", x, self.weight(name, module.weight), axis=-1, epsilon=module.eps,
                       stash_type=1)

    def lookup(self, name, table, ids):
        """Rows of a table stored as int8, one scale a row."""
        values, scales = quantise_rows(table)
        rows = self.op("Cast", self.op("Gather", self.store(name, values), ids), to=FLOAT)
        return self.op("Mul", rows, self.op("Cast", self.op("Gather", self.store(name + ".scale", scales), ids), to=FLOAT))

    def heads(self, x, count, size):
        return self.op("Reshape", x, self.constant([0, 0, count, size], np.int64))

    def flat(self, x, width):
        return self.op("Reshape", x, self.constant([0, 0, width], np.int64))

    def input(self, name, element_type, shape):
        self.inputs.append(helper.make_tensor_value_info(name, element_type, shape))
        return name

    def output(self, name, element_type, shape):
        self.outputs.append(helper.make_tensor_value_info(name, element_type, shape))
        return name

    def to_bytes(self, name, description):
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, self.initializers)
        model = helper.make_model(graph, producer_name="RouterGateway", doc_string=description, opset_imports=[
            helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)])
        model.ir_version = 10
        return model.SerializeToString()


def quantise_rows(table):
    """int8 values and float16 scales [rows, 1]; a value is about values * scale."""
    table = table.detach().numpy()
    scales = np.maximum(np.abs(table).max(1, keepdims=True) / 127, 1e-6).astype(np.float16)
    values = np.clip(np.round(table / scales.astype(np.float32)), -127, 127).astype(np.int8)
    return values, scales


def add_layers(graph, model, x, attend):
    """The layers of a Gemma4TextModel. `attend(index, layer, q, k, v)` takes and returns [batch, length, heads * size]."""
    config = model.config
    for index, layer in enumerate(model.layers):
        graph.scope = name = f"layers.{index}."
        attention = layer.self_attn
        size, key_heads, query_heads = attention.size, attention.key_heads, attention.query_heads
        normed = graph.rms_norm(x, name + "input_layernorm", layer.input_layernorm)
        projected = graph.linear(normed, name + "qkv_proj", attention.q_proj, attention.k_proj, attention.v_proj)
        widths = [query_heads * size, key_heads * size, key_heads * size]
        q, k, v = graph.op("Split", projected, graph.constant(widths, np.int64), outputs=3, axis=-1)
        q = graph.rms_norm(graph.heads(q, query_heads, size), name + "q_norm", attention.q_norm)
        k = graph.rms_norm(graph.heads(k, key_heads, size), name + "k_norm", attention.k_norm)
        v = graph.rms_norm(graph.heads(v, key_heads, size), name + "v_norm", attention.v_norm)
        q, k, v = (graph.flat(part, width) for part, width in zip((q, k, v), widths))
        mixed = graph.linear(attend(index, layer, q, k, v), name + "o_proj", attention.o_proj)
        x = graph.op("Add", x, graph.rms_norm(mixed, name + "post_attention_layernorm", layer.post_attention_layernorm))

        normed = graph.rms_norm(x, name + "pre_feedforward_layernorm", layer.pre_feedforward_layernorm)
        gate_up = graph.linear(normed, name + "gate_up_proj", layer.mlp.gate_proj, layer.mlp.up_proj)
        gate, up = graph.op("Split", gate_up, graph.constant([config.intermediate_size] * 2, np.int64), outputs=2, axis=-1)
        gated = graph.op("Mul", graph.contrib("FastGelu", gate), up)
        fed = graph.linear(gated, name + "down_proj", layer.mlp.down_proj)
        x = graph.op("Add", x, graph.rms_norm(fed, name + "post_feedforward_layernorm", layer.post_feedforward_layernorm))
        x = graph.op("Mul", x, graph.weight(name + "layer_scalar", layer.layer_scalar))
    graph.scope = ""
    return graph.rms_norm(x, "norm", model.norm)


def add_rotary_tables(graph, config):
    tables = {}
    for layer_type in sorted(set(config.layer_types)):
        cos, sin = config.rotary_table(layer_type, config.max_position_embeddings)
        tables[layer_type] = (graph.store(f"cos_{layer_type}", cos.numpy()), graph.store(f"sin_{layer_type}", sin.numpy()))
    return tables


def decoder_graph(model, kv_scales, description):
    """A decoder for ONNX Runtime GenAI: `input_ids`, `attention_mask` and the KV cache in, the last position's logits and the
    grown cache out. `kv_scales` holds for each layer the (key, value) scales [1, heads, 1, size] of an int8 cache; None
    leaves the cache in float32."""
    config, graph = model.config, Graph()
    graph.input("input_ids", INT64, ["batch", "sequence"])
    graph.input("attention_mask", INT64, ["batch", "total"])
    graph.output("logits", FLOAT, ["batch", 1, config.vocab_size])

    table = graph.store("embed_tokens", model.model.embed_tokens.weight.detach().numpy().astype(np.float16))
    x = graph.op("Cast", graph.op("Gather", table, "input_ids"), to=FLOAT)
    x = graph.op("Mul", x, graph.constant(math.sqrt(config.hidden_size), np.float32))

    lengths = graph.op("ReduceSum", graph.op("Cast", "attention_mask", to=INT32), graph.constant([1], np.int64), keepdims=0)
    last = graph.op("Sub", lengths, graph.constant(1, np.int32))
    shape = graph.op("Shape", "attention_mask")
    total = graph.op("Cast", graph.op("Gather", shape, graph.constant(1, np.int64), axis=0), to=INT32)
    rotary = add_rotary_tables(graph, config)

    def attend(index, layer, q, k, v):
        size, heads = config.heads(layer.layer_type)
        element_type = FLOAT if kv_scales is None else INT8
        cache = []
        for part in ("key", "value"):
            cache.append(graph.input(f"past_key_values.{index}.{part}", element_type, ["batch", heads, "past", size]))
            graph.output(f"present.{index}.{part}", element_type, ["batch", heads, "total", size])
        inputs = [q, k, v, *cache, last, total, *rotary[layer.layer_type]]
        attributes = dict(
            num_heads=config.num_attention_heads, kv_num_heads=heads, scale=1.0, do_rotary=1, rotary_interleaved=0,
            local_window_size=config.sliding_window if layer.layer_type == SLIDING else -1)
        if kv_scales is not None:
            scales = [graph.store(f"layers.{index}.{name}_scale", scale) for name, scale in zip("kv", kv_scales[index])]
            inputs += ["", "", "", *scales]  # position_ids, attention_bias, head_sink
            attributes.update(k_quant_type="PER_CHANNEL", v_quant_type="PER_CHANNEL", kv_cache_bit_width=8)
        attended = f"layers.{index}.attended"
        graph.nodes.append(helper.make_node(
            "GroupQueryAttention", inputs, [attended, f"present.{index}.key", f"present.{index}.value"],
            name=f"layers.{index}.attention", domain="com.microsoft", **attributes))
        return attended

    x = add_layers(graph, model.model, x, attend)
    x = graph.op("Slice", x, *(graph.constant([value], np.int64) for value in (-1, TO_THE_END, 1)))
    head = graph.op("Transpose", graph.op("Cast", table, to=FLOAT), perm=[1, 0])
    cap = graph.constant(config.final_logit_softcapping, np.float32)
    capped = graph.op("Tanh", graph.op("Div", graph.op("MatMul", x, head), cap))
    graph.op("Mul", capped, cap, result="logits")
    return graph.to_bytes("gemma4_text", description)


def router_graph(model, description):
    """`input_ids` and `attention_mask` in, `sentence_embedding` out. Ids and values behind the mask do not matter."""
    config, ngrams, graph = model.config, model.ngrams, Graph()
    graph.input("input_ids", INT64, ["batch", "sequence"])
    graph.input("attention_mask", INT64, ["batch", "sequence"])
    graph.output("sentence_embedding", FLOAT, ["batch", ngrams.sentence_size])
    hidden = config.hidden_size

    ids = graph.op("Mul", "input_ids", "attention_mask")
    words = graph.lookup("embed_tokens", model.transformer.embed_tokens.weight * math.sqrt(hidden), ids)
    grams = []
    for size, table in zip(ngrams.sizes, model.tables):
        graph.scope = f"ngrams.{size}."
        rows = graph.op("Mod", _hash(graph, ids, size), graph.constant(ngrams.rows, np.int64))
        grams.append(graph.lookup(f"ngrams.{size}", table.weight, rows))
    graph.scope = ""
    grams = graph.op("Concat", *grams, axis=-1) if len(grams) > 1 else grams[0]

    present = graph.op("Cast", "attention_mask", to=FLOAT)
    one, many = graph.constant(1, np.float32), graph.constant(1e9, np.float32)
    hide = graph.op("Mul", graph.op("Sub", present, one), many)  # 0 for tokens, -1e9 for padding: [batch, length]
    hide_keys = graph.op("Unsqueeze", hide, graph.constant([1, 2], np.int64))
    biases = {FULL: hide_keys, SLIDING: graph.op("Add", hide_keys, _outside_window(graph, config.sliding_window))}
    rotary = add_rotary_tables(graph, config)
    first = graph.constant([0], np.int64)

    def attend(index, layer, q, k, v):
        attention = layer.self_attn
        size, key_heads, query_heads = attention.size, attention.key_heads, attention.query_heads
        q = graph.contrib("RotaryEmbedding", q, first, *rotary[layer.layer_type])
        k = graph.contrib("RotaryEmbedding", k, first, *rotary[layer.layer_type])
        q = graph.op("Transpose", graph.heads(q, query_heads, size), perm=[0, 2, 1, 3])
        k = graph.op("Transpose", graph.heads(k, key_heads, size), perm=[0, 2, 3, 1])
        v = graph.op("Transpose", graph.heads(v, key_heads, size), perm=[0, 2, 1, 3])
        # One key head, so MatMul broadcasts it to all query heads.
        scores = graph.op("Add", graph.op("MatMul", q, k), biases[layer.layer_type])
        mixed = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), v)
        return graph.flat(graph.op("Transpose", mixed, perm=[0, 2, 1, 3]), query_heads * size)

    x = graph.op("Add", words, graph.linear(grams, "ngram_input", model.ngram_input))
    x = add_layers(graph, model.transformer, x, attend)

    steered = graph.op("Squeeze", graph.linear(x, "attend", model.attend), graph.constant([-1], np.int64))
    attention = graph.op("Softmax", graph.op("Add", steered, hide), axis=-1)
    count = graph.op("ReduceSum", present, graph.constant([1], np.int64), keepdims=1)
    mean = graph.op("Div", present, count)
    weights = graph.op("Concat", *(graph.op("Unsqueeze", w, graph.constant([1], np.int64)) for w in (attention, mean)), axis=1)
    pooled = graph.op("MatMul", weights, graph.op("Concat", x, words, grams, axis=-1))
    width = 2 * (2 * hidden + ngrams.width * len(ngrams.sizes))
    flat = graph.op("Reshape", pooled, graph.constant([-1, width], np.int64))
    sentence = graph.contrib("FastGelu", graph.linear(flat, "project_in", model.project_in))
    sentence = graph.op("Add", graph.linear(sentence, "project_out", model.project_out), graph.linear(flat, "skip", model.skip))
    parts = []
    for start, size, length in ((0, ngrams.meaning_size, MEANING_LENGTH), (ngrams.meaning_size, ngrams.kind_size, KIND_LENGTH)):
        part = graph.op("Slice", sentence, *(graph.constant([value], np.int64) for value in (start, start + size, 1)))
        parts.append(graph.op("Mul", graph.op("LpNormalization", part, axis=-1, p=2), graph.constant(length, np.float32)))
    graph.op("Concat", *parts, axis=-1, result="sentence_embedding")
    return graph.to_bytes("router", description)


def _hash(graph, ids, size):
    """sum(id[i] * multiplier[i]) over the n-gram from each position; ids past the end count as 0."""
    padded = graph.op("Pad", ids, graph.constant([0, 0, 0, size - 1], np.int64), graph.constant(0, np.int64))
    hashed = graph.op("Mul", ids, graph.constant(HASH_MULTIPLIERS[0], np.int64))
    for offset in range(1, size):
        # Of length + size - 1 padded ids, the `length` ids from `offset` on.
        end = offset - size + 1
        shifted = graph.op("Slice", padded, *(graph.constant([value], np.int64) for value in (offset, end or TO_THE_END, 1)))
        hashed = graph.op("Add", hashed, graph.op("Mul", shifted, graph.constant(HASH_MULTIPLIERS[offset], np.int64)))
    return hashed


def _outside_window(graph, window):
    """[length, length]: 0 where |i - j| < window, else -1e9."""
    length = graph.op("Gather", graph.op("Shape", "input_ids"), graph.constant(1, np.int64), axis=0)
    position = graph.op("Range", graph.constant(0, np.int64), length, graph.constant(1, np.int64))
    other = graph.op("Unsqueeze", position, graph.constant([1], np.int64))
    distance = graph.op("Abs", graph.op("Sub", position, other))
    outside = graph.op("GreaterOrEqual", distance, graph.constant(window, np.int64))
    return graph.op("Mul", graph.op("Cast", outside, to=FLOAT), graph.constant(-1e9, np.float32))
