#!/usr/bin/python3
"""Turns a checkpoint into a model folder: graph, tokenizer, configuration and reference values. Cards are written by hand."""
import argparse
import json
import os

import torch

import onnx_graph
import router_model
import sample_model
import tokenizer as tokenizers
from data import generation_rows, write_bytes, write_json
from gemma4 import round_to_half

# Texts on which tokenizers tend to disagree; control tokens in them are plain text.
TOKENIZER_TEXTS = [
    "", " ", "Hello, world!", "  two leading spaces", "trailing space ", "a    b", "tabs\tand\t\ttabs", "one\ntwo\n\nthree\n\n\nfour\n",
    "windows\r\nline ends\r\n", "1234567890 + 3.14", "👩‍👩‍👧‍👦 and 🙂🇩🇪", "你好，世界。今天天气很好", "日本語のテキスト", "한국어 문장입니다.",
    "Привет, как дела?", "مرحبا بالعالم", "naïve café — “quotes” … ﬁ", "e\u0301 \u00e9", "\u200bzero\u00a0width",
    "def f(x):\n    return [i ** 2 for i in range(x)]\n", "{\"a\": [1, null, true]}", "<|turn>user\nhi<turn|>", "<bos><eos><pad>",
    "▁already▁marked", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "SELECT * FROM t WHERE x<>'y';--", "\u0001\u007f"]

ROUTER_TEXTS = [
    "Write a Python function that reverses a linked list.", "What is the capital of Mongolia?",
    "A train leaves at 9:40 and arrives at 13:05. How long does the journey take?", "Translate into French: The bridge is closed.",
    "Summarise the following article in two sentences.\n\nThe council met on Tuesday to discuss the new tram line.",
    "List every company named in this text as JSON: Contoso bought Fabrikam in 2019.", "Turn off the lights in the kitchen",
    "why does my regex `^a.*b$` not match across\nlines??", "请帮我写一封辞职信。", "¿Cómo se dice \"mañana\" en alemán?",
    "Send an email to Anna and put the meeting in my calendar for Friday at 3pm.", "hi", "", "👍",
    "SELECT name FROM users WHERE id = 1; -- what does this do?",
    "word " * 300]

DECODER_PROMPTS = {
    "sample-coding": [
        "Write a Python function that adds two numbers.", "Create a SQL query that counts the users of each country.",
        "How do you reverse a string in JavaScript?", "Write a C++ program that prints the numbers from 1 to 10.",
        "Build a regular expression that matches an email address.", "Write an HTML page with a heading and a list."],
    "sample-reasoning": [
        "Tom has 5 apples and buys 7 more. He gives 3 to Anna. How many apples does Tom have?",
        "A book costs $12. How much do 4 books cost?",
        "Sara runs 3 miles a day for 5 days and 2 miles a day for 2 days. How many miles does she run?",
        "There are 24 students. Half of them play football and a third of the rest play tennis. How many play tennis?",
        "A baker makes 60 rolls. He sells 2/3 of them for $2 each. How much money does he make?",
        "Ben is 4 years older than Kim. Kim is 9. How old will Ben be in 10 years?"]}
SYSTEM_PROMPT = "Answer briefly."


def export_router(checkpoint, tokenizer_json, folder):
    model = router_model.load(checkpoint)
    round_router_to_stored(model)
    write_bytes(os.path.join(folder, "model.onnx"), onnx_graph.router_graph(
        model, "Prompt to unit vector; see README.md."))
    with open(tokenizer_json, encoding="utf-8") as file:
        tokenizers.write(json.load(file), folder, model.config.max_position_embeddings, add_eos=True)
    write_json(os.path.join(folder, "config.json"), model.config.to_json(
        architectures=["Gemma4TextModel"], sentence_embedding_size=model.ngrams.sentence_size,
        ngram_sizes=list(model.ngrams.sizes), ngram_rows=model.ngrams.rows, ngram_width=model.ngrams.width,
        ngram_hash_multipliers=onnx_graph.HASH_MULTIPLIERS), indent=2)

    tokenizer = tokenizers.Tokenizer(tokenizer_json)
    texts = []
    for text in ROUTER_TEXTS:
        ids = [tokenizers.BOS, *tokenizer.encode(text), tokenizers.EOS]
        with torch.no_grad():
            embedding = model(torch.tensor([ids]), torch.ones(1, len(ids)))[0]
        texts.append({"text": text, "ids": ids, "embedding": [round(value, 6) for value in embedding.tolist()]})
    write_json(os.path.join(folder, "reference.json"), {
        "about": "Ids include <bos> and <eos>. Embeddings are PyTorch's, with the weights as stored.",
        "texts": texts, "tokenizer": tokenizer_reference(tokenizer)})


def round_router_to_stored(model):
    round_to_half(model)
    with torch.no_grad():
        scale = model.config.hidden_size ** 0.5
        for table, factor in [(model.transformer.embed_tokens, scale)] + [(table, 1.0) for table in model.tables]:
            values, scales = onnx_graph.quantise_rows(table.weight * factor)
            table.weight.copy_(torch.from_numpy(values * scales.astype("float32")) / factor)


def export_sample(checkpoint, tokenizer_json, folder, data, out):
    name = os.path.basename(os.path.normpath(folder))
    model = sample_model.load(checkpoint)
    round_to_half(model)
    tokenizer = tokenizers.Tokenizer(tokenizer_json)
    config = model.config
    rows, held_out = generation_rows(data, name.removeprefix("sample-"))
    scales = calibrate(model, [sum(sample_model.prompt_and_answer(tokenizer, row), []) for row in rows[:400]])
    about = "Decoder of the Gemma 4 text architecture; see README.md."
    write_bytes(os.path.join(folder, "model.onnx"), onnx_graph.decoder_graph(model, scales, about))
    with open(tokenizer_json, encoding="utf-8") as file:
        tokenizers.write(
            json.load(file), folder, config.max_position_embeddings, add_eos=False, chat_template=sample_model.CHAT_TEMPLATE)
    write_json(os.path.join(folder, "config.json"), {
        **config.to_json(architectures=["Gemma4ForCausalLM"]), "eos_token_id": [tokenizers.EOS, tokenizers.END_OF_TURN]}, indent=2)
    write_json(os.path.join(folder, "generation_config.json"), {
        "bos_token_id": tokenizers.BOS, "eos_token_id": [tokenizers.EOS, tokenizers.END_OF_TURN],
        "pad_token_id": tokenizers.PAD, "do_sample": False, "max_length": config.max_position_embeddings}, indent=2)
    write_json(os.path.join(folder, "genai_config.json"), genai_config(config), indent=2)

    prompts = [{"prompt": text} for text in DECODER_PROMPTS[name]]
    prompts += [{"prompt": DECODER_PROMPTS[name][0], "system": SYSTEM_PROMPT}]
    for entry in prompts:
        entry["ids"] = sample_model.prompt_ids(tokenizer, entry["prompt"], entry.get("system"))
    # One long enough to leave the sliding window behind.
    long = max(held_out, key=lambda row: len(row["prompt"] + row["response"]))
    prompts.append({"prompt": None, "ids": sum(sample_model.prompt_and_answer(tokenizer, long), [])[:500]})
    for entry in prompts:
        with torch.no_grad():
            logits, top = model(torch.tensor([entry["ids"]]))[0, -1].topk(16)
        entry.update(topIds=top.tolist(), topLogits=[round(value, 5) for value in logits.tolist()])
    write_json(os.path.join(folder, "reference.json"), {
        "about": "Logits of the last position from PyTorch in float32 with the weights as stored and no quantised cache. Compare "
                 "them with model.onnx after turning its cache to float32 (README.md says how): they differ by less than 1e-3.",
        "prompts": prompts, "tokenizer": tokenizer_reference(tokenizer)})
    held_out = [sample_model.prompt_and_answer(tokenizer, row) for row in held_out]
    write_json(os.path.join(out, name + "-held-out.json"), [
        {"ids": prompt + answer[:-1], "answer": len(prompt)} for prompt, answer in held_out[:20]])


def calibrate(model, sequences):
    """Scales of an int8 cache: per layer (key, value), each [1, heads, 1, size], from the largest value of each channel."""
    largest = None
    for ids in sequences:
        watch = []
        with torch.no_grad():
            model(torch.tensor([ids[:model.config.max_position_embeddings]]), watch)
        peaks = [[part.abs().amax((0, 2), keepdim=True) for part in layer] for layer in watch]
        largest = peaks if largest is None else [
            [torch.maximum(a, b) for a, b in zip(old, new)] for old, new in zip(largest, peaks)]
    return [[(part.clamp(min=1e-4) / 127).numpy() for part in layer] for layer in largest]


def genai_config(config):
    return {
        "model": {
            "type": "gemma4_text", "bos_token_id": tokenizers.BOS, "eos_token_id": [tokenizers.EOS, tokenizers.END_OF_TURN],
            "pad_token_id": tokenizers.PAD, "context_length": config.max_position_embeddings, "vocab_size": config.vocab_size,
            "decoder": {
                "session_options": {"log_id": "onnxruntime-genai", "provider_options": []},
                "filename": "model.onnx", "head_size": config.head_dim, "hidden_size": config.hidden_size,
                "num_attention_heads": config.num_attention_heads, "num_hidden_layers": len(config.layer_types),
                "num_key_value_heads": config.num_key_value_heads,
                "inputs": {
                    "input_ids": "input_ids", "attention_mask": "attention_mask",
                    "past_key_names": "past_key_values.%d.key", "past_value_names": "past_key_values.%d.value"},
                "outputs": {
                    "logits": "logits", "present_key_names": "present.%d.key", "present_value_names": "present.%d.value"}}},
        "search": {
            "do_sample": False, "max_length": config.max_position_embeddings, "min_length": 0, "num_beams": 1,
            "num_return_sequences": 1, "past_present_share_buffer": True, "temperature": 1.0, "top_k": 1, "top_p": 1.0,
            "repetition_penalty": 1.0, "length_penalty": 1.0, "diversity_penalty": 0.0, "no_repeat_ngram_size": 0,
            "early_stopping": True}}


def tokenizer_reference(tokenizer):
    return [{"text": text, "ids": tokenizer.encode(text)} for text in TOKENIZER_TEXTS]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=["router-nano", "sample-coding", "sample-reasoning"])
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--out", default="out")
    parser.add_argument("--models", default="../models")
    arguments = parser.parse_args()
    folder = os.path.join(arguments.models, arguments.name)
    os.makedirs(folder, exist_ok=True)
    checkpoint = os.path.join(arguments.out, arguments.name + ".pt")
    if arguments.name == "router-nano":
        export_router(checkpoint, os.path.join(arguments.out, "tokenizer-router.json"), folder)
    else:
        export_sample(checkpoint, os.path.join(arguments.out, "tokenizer-samples.json"), folder, arguments.data, arguments.out)
    print(folder, {file: os.path.getsize(os.path.join(folder, file)) for file in sorted(os.listdir(folder))})


if __name__ == "__main__":
    main()
