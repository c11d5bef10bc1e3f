#!/usr/bin/python3
"""Trains a Gemma-style BPE tokenizer, writes it as `tokenizer.json`, and reads that file back.

The model is learnt with SentencePiece (BPE, byte fallback, digits apart, no normalisation), as Gemma's is. What ships is
the Hugging Face form of it. `Tokenizer` below is a second, plain implementation that reads only `tokenizer.json`: it is the
reference that the C# tokenizers are compared with, and `check` compares it with SentencePiece itself.
"""
import argparse
import json
import os
import re

# Gemma 4's control tokens, in this order from id 0. None of them is ever produced from plain text.
CONTROL_TOKENS = [
    "<pad>", "<eos>", "<bos>", "<unk>", "<|turn>", "<turn|>", "<|channel>", "<channel|>", "<|think|>", "<|tool>", "<tool|>",
    "<|tool_call>", "<tool_call|>", "<|tool_response>", "<tool_response|>", '<|"|>', "<mask>"]
PAD, EOS, BOS, UNK = 0, 1, 2, 3
START_OF_TURN, END_OF_TURN = CONTROL_TOKENS.index("<|turn>"), CONTROL_TOKENS.index("<turn|>")
SPACE = "\u2581"

# No piece continues over a space that follows something else, so text can be encoded piece by piece between such spaces.
_CHUNK = re.compile(f"\n+|{SPACE}*[^{SPACE}\n]+|{SPACE}+")


def train(texts, vocabulary_size, prefix, coverage):
    """Writes PREFIX.model, a SentencePiece BPE model."""
    import sentencepiece
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_prefix=prefix, vocab_size=vocabulary_size, model_type="bpe",
        byte_fallback=True, split_digits=True, normalization_rule_name="identity", add_dummy_prefix=False,
        remove_extra_whitespaces=False, allow_whitespace_only_pieces=True, character_coverage=coverage,
        pad_id=PAD, eos_id=EOS, bos_id=BOS, unk_id=UNK, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>",
        unk_piece="<unk>", control_symbols=CONTROL_TOKENS[4:], user_defined_symbols=["\n", "\n\n", "\t"],
        max_sentence_length=20000, num_threads=2, minloglevel=1)


def to_tokenizer_json(sentencepiece_model, add_eos):
    """The Hugging Face form: every way to join two pieces into a longer piece is a merge, in order of the piece."""
    pieces = [sentencepiece_model.id_to_piece(i) for i in range(sentencepiece_model.get_piece_size())]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    merges = []
    for i, piece in enumerate(pieces):
        if len(piece) < 2 or sentencepiece_model.is_control(i) or sentencepiece_model.is_byte(i) or i == UNK:
            continue
        splits = [(piece[:n], piece[n:]) for n in range(1, len(piece))]
        splits = [(a, b) for a, b in splits if a in vocabulary and b in vocabulary]
        merges += [list(s) for s in sorted(splits, key=lambda s: (vocabulary[s[0]], vocabulary[s[1]]))]
    # Unlike SentencePiece's user-defined symbols, "\n\n" is an ordinary merge here and comes before all others.
    merges.sort(key=lambda m: "\n" not in m[0])

    def special(token):
        return {"SpecialToken": {"id": token, "type_id": 0}}

    def sequence(name, type_id):
        return {"Sequence": {"id": name, "type_id": type_id}}

    frame = [special("<bos>"), sequence("A", 0)] + ([special("<eos>")] if add_eos else [])
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
             "special": True} for i, token in enumerate(CONTROL_TOKENS)],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
        "post_processor": {
            "type": "TemplateProcessing", "single": frame, "pair": frame + [sequence("B", 1)],
            "special_tokens": {t: {"id": t, "ids": [vocabulary[t]], "tokens": [t]} for t in ("<bos>", "<eos>")}},
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": SPACE}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
            "vocab": vocabulary, "merges": merges}}


class Tokenizer:
    """Reads `tokenizer.json`. Control tokens inside a text are plain text to `encode`; only `control` knows them."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            model = json.load(file)["model"]
        self.vocabulary = model["vocab"]
        self.pieces = {i: piece for piece, i in self.vocabulary.items()}
        self._rank = {tuple(pair): rank for rank, pair in enumerate(model["merges"])}
        self._chunks = {}

    def __len__(self):
        return len(self.vocabulary)

    def control(self, token):
        return self.vocabulary[token]

    def encode(self, text):
        ids = []
        for chunk in _CHUNK.findall(text.replace(" ", SPACE)):
            if chunk not in self._chunks:
                self._chunks[chunk] = self._encode_chunk(chunk)
            ids += self._chunks[chunk]
        return ids

    def decode(self, ids):
        out = bytearray()
        for i in ids:
            piece = self.pieces[i]
            byte = re.fullmatch("<0x(..)>", piece)
            if byte:
                out.append(int(byte[1], 16))
            elif i >= len(CONTROL_TOKENS):
                out += piece.replace(SPACE, " ").encode()
        return out.decode(errors="replace")

    def _encode_chunk(self, chunk):
        parts = list(chunk)
        while len(parts) > 1:
            ranks = [self._rank.get(pair, 1 << 30) for pair in zip(parts, parts[1:])]
            best = min(ranks)
            if best == 1 << 30:
                break
            at = ranks.index(best)
            parts[at:at + 2] = ["".join(parts[at:at + 2])]
        ids = []
        for part in parts:
            if part in self.vocabulary:
                ids.append(self.vocabulary[part])
            else:
                ids += [self.vocabulary[f"<0x{byte:02X}>"] for byte in part.encode()]
        return ids


def write(tokenizer_json, folder, maximum_tokens, add_eos, chat_template=None):
    from data import write_json
    config = {
        "add_bos_token": True, "add_eos_token": add_eos, "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>",
        "unk_token": "<unk>", "tokenizer_class": "GemmaTokenizer", "clean_up_tokenization_spaces": False,
        "padding_side": "right", "model_max_length": maximum_tokens}
    if chat_template:
        config["chat_template"] = chat_template
    os.makedirs(folder, exist_ok=True)
    write_json(os.path.join(folder, "tokenizer.json"), tokenizer_json)
    write_json(os.path.join(folder, "tokenizer_config.json"), config)


def main():
    import sentencepiece
    from data import router_tokenizer_texts, sample_tokenizer_texts, write_json
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["router", "samples"])
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--out", default="out")
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    prefix = os.path.join(arguments.out, f"tokenizer-{arguments.kind}")
    if arguments.kind == "router":
        texts, size, coverage = router_tokenizer_texts(arguments.data), 16384, 0.9997
    else:
        texts, size, coverage = sample_tokenizer_texts(arguments.data), 4096, 0.9999
    train(texts, size, prefix, coverage)
    model = sentencepiece.SentencePieceProcessor(model_file=prefix + ".model")
    write_json(prefix + ".json", to_tokenizer_json(model, add_eos=arguments.kind == "router"))

    reference, different = Tokenizer(prefix + ".json"), 0
    sample = texts[::max(1, len(texts) // 5000)]
    for text in sample:
        different += reference.encode(text) != model.encode(text)
    tokens = sum(len(reference.encode(text)) for text in sample)
    print(f"{arguments.kind}: {len(reference)} tokens, {sum(map(len, sample)) / tokens:.2f} characters a token, "
          f"{different} of {len(sample)} texts differ from SentencePiece")


if __name__ == "__main__":
    main()
