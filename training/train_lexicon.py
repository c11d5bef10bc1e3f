#!/usr/bin/python3
"""Trains models/router-nano/lexicon.bin: what single words and phrases say about the seven labels of train.jsonl.

A linear model on hashed n-grams of words (1 to 3), beside the embedding. The router's head gets its seven logits as further
features of a prompt and learns from the operator's examples what they are worth; routes need not be those seven. Measured with
the examples of routes.json: dev.jsonl +0.7 points, prompts of 18 sources left out of training +2.0 points (docs of `--hold-out`).

File, little-endian: "LEX1", int32 buckets, int32 labels, float32 bias[labels], float32 scale[labels], int8 weight[buckets][labels].
"""
import argparse
import json
import os
import struct

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier

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


def vectorizer():
    return HashingVectorizer(n_features=BUCKETS, ngram_range=(1, 3), token_pattern=WORD, alternate_sign=False, norm="l2", lowercase=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--model", default="../models/router-nano")
    parser.add_argument("--reference", default="../tests/Golden/router/lexicon.json")
    arguments = parser.parse_args()
    rows = {name: [json.loads(line) for line in open(os.path.join(arguments.data, name + ".jsonl"), encoding="utf-8")] for name in ("train", "dev")}
    features = {name: vectorizer().transform([cut(row["text"]) for row in part]) for name, part in rows.items()}
    labels = {name: np.array([LABELS.index(row["label"]) for row in part]) for name, part in rows.items()}
    model = SGDClassifier(loss="log_loss", alpha=3e-7, max_iter=6, tol=None, random_state=0).fit(features["train"], labels["train"])

    largest = np.quantile(np.abs(model.coef_), 0.99999, axis=1)
    scale = (largest / 127).astype(np.float32)
    quantised = np.clip(np.rint(model.coef_.T / scale), -127, 127).astype(np.int8)
    bias = model.intercept_.astype(np.float32)
    with open(os.path.join(arguments.model, "lexicon.bin"), "wb") as file:
        file.write(b"LEX1" + struct.pack("<ii", BUCKETS, len(LABELS)) + bias.tobytes() + scale.tobytes() + quantised.tobytes())

    logits = lambda x: x @ (quantised * scale) + bias
    print("dev.jsonl, by itself: %.4f (before quantisation %.4f)" % (
        np.mean(logits(features["dev"]).argmax(1) == labels["dev"]), model.score(features["dev"], labels["dev"])))
    reference = [{"text": text, "logits": [round(float(v), 5) for v in row]} for text, row in zip(REFERENCE_TEXTS, logits(vectorizer().transform([cut(t) for t in REFERENCE_TEXTS])))]
    with open(arguments.reference, "w", encoding="utf-8") as file:
        json.dump(reference, file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
