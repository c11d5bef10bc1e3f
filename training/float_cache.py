#!/usr/bin/python3
"""Turns the int8 KV cache of a decoder into a float32 one by editing its graph; the weights stay as they are."""
import sys

import onnx

from data import write_bytes


def to_float_cache(model):
    """1. In each GroupQueryAttention drop inputs 9 to 13 (empty ones, k_scale, v_scale) and the attributes k_quant_type,
    v_quant_type and kv_cache_bit_width. 2. Make past_key_values.* and present.* float32. 3. Drop the unused scales."""
    for node in model.graph.node:
        if node.op_type == "GroupQueryAttention":
            del node.input[9:]
            kept = [a for a in node.attribute if a.name not in ("k_quant_type", "v_quant_type", "kv_cache_bit_width")]
            del node.attribute[:]
            node.attribute.extend(kept)
    for value in [*model.graph.input, *model.graph.output]:
        if value.name.startswith(("past_key_values.", "present.")):
            value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    used = {name for node in model.graph.node for name in node.input}
    weights = [weight for weight in model.graph.initializer if weight.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(weights)
    return model


if __name__ == "__main__":
    source, target = sys.argv[1:]
    write_bytes(target, to_float_cache(onnx.load(source)).SerializeToString())
