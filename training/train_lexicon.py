#!/usr/bin/python3
"""Trains models/router-nano/lexicon.bin: what words, phrases and parts of words say about the seven labels of train.jsonl.

A linear model on hashed n-grams, of words (1 to 3) and of characters within words (3 to 5), beside the embedding. The router's head
gets its seven logits as further features of a prompt and learns from the operator's examples what they are worth; routes need
not be those seven. What it adds: EXPERIMENTS.md.

File, little-endian: "LEX2", int32 buckets, int32 labels, float32 bias[labels], then for words and for characters
float32 scale[labels], then for words and for characters int8 weight[buckets][labels].
"""
import argparse
import json
import os
import struct

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier

from data import add_hold_out, may_train_on, router_rows

LABELS = ["coding", "extraction", "general", "reasoning", "tools", "translation", "writing"]
BUCKETS = 2 ** 18
LONGEST_TEXT = 2048  # characters; src/Router/Classification/TokenWindow.cs cuts in the same way
CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"  # written without spaces: every character is a word
WORD = rf"[{CJK}]|(?:(?![{CJK}])\w)+|[^\w\s]"
REFERENCE_TEXTS = [
    "Write a Python function that reverses a linked list.", "What is 17 * 23?", "hi", "", "👍 naïve café — “quotes” ½ Ⅻ", "用Python写一个函数，好吗？",
    "한국어 문장입니다. カタカナ", "हिन्दी में अनुवाद करें", "x_1 = foo_bar(2)\n\treturn x\u00a0+ 1", "Переведи на английский: дом", "the the the the", "word " * 900]


def cut(text):
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT // 2] + "\n" + text[-(LONGEST_TEXT - LONGEST_TEXT // 2 - 1):]


def vectorizers():
    """Of words and of characters; each makes rows of length 1."""
    common = {"n_features": BUCKETS, "alternate_sign": False, "norm": "l2", "lowercase": True}
    return [HashingVectorizer(ngram_range=(1, 3), token_pattern=WORD, **common), HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), **common)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--model", default="../models/router-nano")
    parser.add_argument("--reference", default="../tests/Golden/router/lexicon.json")
    add_hold_out(parser)
    arguments = parser.parse_args()
    rows = {split: [row for row in router_rows(arguments.data, split) if may_train_on(row["source"], arguments.hold_out)] for split in ("train", "dev")}
    read = lambda texts: sparse.hstack([vectorizer.transform([cut(text) for text in texts]) for vectorizer in vectorizers()]).tocsr()
    features = {split: read([row["text"] for row in part]) for split, part in rows.items()}
    labels = {split: np.array([LABELS.index(row["label"]) for row in part]) for split, part in rows.items()}
    model = SGDClassifier(loss="log_loss", alpha=3e-7, max_iter=6, tol=None, random_state=0).fit(features["train"], labels["train"])

    kinds = model.coef_.T.reshape(2, BUCKETS, len(LABELS))
    scales = (np.quantile(np.abs(kinds), 0.99999, axis=1) / 127).astype(np.float32)
    quantised = np.clip(np.rint(kinds / scales[:, None]), -127, 127).astype(np.int8)
    bias = model.intercept_.astype(np.float32)
    with open(os.path.join(arguments.model, "lexicon.bin"), "wb") as file:
        file.write(b"LEX2" + struct.pack("<ii", BUCKETS, len(LABELS)) + bias.tobytes() + scales.tobytes() + quantised.tobytes())

    logits = lambda x: x @ (quantised * scales[:, None]).reshape(2 * BUCKETS, len(LABELS)) + bias
    print("dev.jsonl, by itself: %.4f (before quantisation %.4f)" % (
        np.mean(logits(features["dev"]).argmax(1) == labels["dev"]), model.score(features["dev"], labels["dev"])))
    if arguments.hold_out is None:
        reference = [{"text": text, "logits": [round(float(v), 5) for v in row]} for text, row in zip(REFERENCE_TEXTS, logits(read(REFERENCE_TEXTS)))]
        with open(arguments.reference, "w", encoding="utf-8") as file:
            json.dump(reference, file, ensure_ascii=False, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
