#!/usr/bin/python3
"""Measures an embedding model as the router uses it: `evaluate_router.py --name router-nano [--hold-out SET...]`.

The seven labels by logistic heads on training rows; new routes by heads on 5 and 10 examples of each intent of the public intent
sets, on the embedding alone and with the words of the examples beside it, as the router's head has them (FewShot). Only
sets that the run left out are measured.
"""
import argparse
import collections
import functools
import os
import random

import numpy as np
import torch
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

import router_model
from data import HELD_OUT_SOURCES, LABELS, add_hold_out, intent_rows, may_train_on, router_rows
from tokenizer import BOS, EOS, PAD, Tokenizer


@functools.lru_cache
def router_tokenizer(out):
    return Tokenizer(os.path.join(out, "tokenizer-router.json"))


def embed(model, texts, out):
    """One row per text; long texts are cut to what the model takes."""
    tokenizer = router_tokenizer(out)
    longest = model.config.max_position_embeddings
    rows = [[BOS, *tokenizer.encode(text)[:longest - 2], EOS] for text in texts]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    vectors = np.zeros((len(rows), model.ngrams.sentence_size), np.float32)
    while order:
        group = [order.pop()]
        while order and len(group) < 8192 // len(rows[group[0]]):
            group.append(order.pop())
        width = len(rows[group[0]])
        ids = torch.tensor([rows[i] + [PAD] * (width - len(rows[i])) for i in group])
        present = torch.tensor([[1.0] * len(rows[i]) + [0.0] * (width - len(rows[i])) for i in group])
        with torch.no_grad():
            vectors[group] = model(ids, present).numpy()
    return vectors


def fit_logistic(x, y, classes, strength, steps=300):
    """A regularised multinomial logistic regression, by full-batch Adam: weights [size + 1, classes]."""
    x = torch.cat([torch.from_numpy(x), torch.ones(len(x), 1)], 1)
    y = torch.tensor(y)
    weights = torch.zeros(x.shape[1], classes, requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=0.1)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / steps)
        loss = torch.nn.functional.cross_entropy(x @ weights, y) + 0.5 / strength / len(x) * weights[:-1].pow(2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return weights.detach().numpy()


def predict(weights, x):
    return (np.concatenate([x, np.ones((len(x), 1), np.float32)], 1) @ weights).argmax(1)


def accuracy(weights, x, y):
    return float(np.mean(predict(weights, x) == y))


def few_shot_heads(train_x, train_y, tests, examples=20, seeds=5):
    """Mean accuracy on each test set of logistic heads fitted to a few random examples of each label."""
    results = collections.defaultdict(list)
    for seed in range(seeds):
        rng = random.Random(seed)
        chosen = [i for label in range(len(LABELS)) for i in rng.sample(list(np.flatnonzero(train_y == label)), examples)]
        weights = fit_logistic(train_x[chosen], train_y[chosen], len(LABELS), strength=10)
        for name, (x, y) in tests.items():
            results[name].append(accuracy(weights, x, y))
    return {name: (np.mean(values), np.std(values)) for name, values in results.items()}


class FewShot:
    """Draws of a few examples for each intent of a set, and its test rows without those that are out of scope."""

    def __init__(self, data, name, examples, seeds=2):
        rows = [row for row in intent_rows(data, name, "train") if row["label"] != "oos"]
        test = [row for row in intent_rows(data, name, "test") if row["label"] != "oos"]
        self.names = sorted({row["label"] for row in rows})
        self.examples, self.test = examples, [row["text"] for row in test]
        self.right = np.array([self.names.index(row["label"]) for row in test])
        by_intent = {intent: [row["text"] for row in rows if row["label"] == intent] for intent in self.names}
        self.draws = [[text for intent in self.names for text in random.Random(seed).sample(by_intent[intent], examples)] for seed in range(seeds)]

    def accuracy(self, features, strength=50):
        """Mean over the draws of a logistic head. features(examples) returns a function from texts to rows."""
        labels, results = np.repeat(np.arange(len(self.names)), self.examples), []
        for draw in self.draws:
            read = features(draw)
            head = LogisticRegression(C=strength, max_iter=100, tol=1e-3).fit(read(draw), labels)
            results.append(np.mean(head.predict(read(self.test)) == self.right))
        return float(np.mean(results))


def words(examples):
    """TF-IDF of words and pairs of words, and of character trigrams, as far as they occur in the examples."""
    parts = [TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b|[^\w\s]", sublinear_tf=True),
             TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), sublinear_tf=True)]
    for part in parts:
        part.fit(examples)
    return lambda texts: normalize(sparse.hstack([part.transform(texts) for part in parts]).tocsr())


def few_shot_figures(model, data, out, sets, examples=(5, 10)):
    """Lines with the accuracy on each intent set: words alone, the embedding alone, both."""
    known = {}

    def embedding(texts):
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, embed(model, new, out)))
        return sparse.csr_matrix(np.stack([known[text] for text in texts]))

    for name in sets:
        for count in examples:
            draws = FewShot(data, name, count)
            figures = [draws.accuracy(features) for features in (
                words, lambda examples: embedding,
                lambda examples, gain=0.8: (lambda read: lambda texts: sparse.hstack([embedding(texts), gain * read(texts)]).tocsr())(words(examples)))]
            yield "  %s, %d intents, %d examples each: words %.4f, embedding %.4f, both %.4f" % (name, len(draws.names), count, *figures)


def evaluate(model, data, out, hold_out, prototypes=None, training_rows=3000):
    """Prints accuracies: of the trained prototypes, of a linear head on many training rows, of heads on 20 rows a label."""
    rows = router_rows(data, "train")
    sets = {
        "train": [row for row in rows if may_train_on(row["source"], hold_out)],
        "dev": [row for row in router_rows(data, "dev") if may_train_on(row["source"], hold_out)],
        "unseen": [row for row in rows if hold_out is not None and row["source"] in HELD_OUT_SOURCES]}
    rng = random.Random(0)
    limits = {"train": training_rows, "unseen": 4000}
    sets = {name: rng.sample(rows, min(len(rows), limits.get(name, len(rows)))) for name, rows in sets.items() if rows}
    embedded = {name: (embed(model, [row["text"] for row in rows], out), np.array([LABELS.index(row["label"]) for row in rows]))
                for name, rows in sets.items()}
    train_x, train_y = embedded.pop("train")
    linear = fit_logistic(train_x, train_y, len(LABELS), strength=100)
    few = few_shot_heads(train_x, train_y, embedded)
    for name, (x, y) in embedded.items():
        if prototypes is not None:
            print(f"  {name}: trained prototypes {np.mean((x @ prototypes.T).argmax(1) == y):.4f} of {len(y)}")
        print(f"  {name}: linear head on {len(train_y)} training rows {accuracy(linear, x, y):.4f} of {len(y)}")
        print("  %s: logistic head on 20 rows a label %.4f +- %.4f" % (name, *few[name]), flush=True)
    if "unseen" in embedded:
        right = predict(linear, embedded["unseen"][0]) == embedded["unseen"][1]
        print(*by_source(sets["unseen"], right), sep="\n", flush=True)
        print(by_language(sets["unseen"], right), flush=True)
        for line in few_shot_figures(model, data, out, hold_out):
            print(line, flush=True)


def by_language(rows, right):
    english = np.array([row["lang"] == "en" for row in rows])
    return f"  unseen: in English {right[english].mean():.4f}, in other languages {right[~english].mean():.4f}"


def by_source(rows, right):
    """Lines that tell the accuracy of each source, and the mean over sources."""
    sources = collections.defaultdict(list)
    for row, ok in zip(rows, right):
        sources[row["source"], row["label"]].append(ok)
    yield "  unseen, mean over sources: %.4f" % np.mean([np.mean(values) for values in sources.values()])
    yield "  " + "; ".join(f"{source}/{label} {np.mean(values):.2f}" for (source, label), values in sorted(sources.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--out", default="out")
    parser.add_argument("--name", default="router-nano")
    add_hold_out(parser)
    arguments = parser.parse_args()
    model = router_model.load(os.path.join(arguments.out, arguments.name + ".pt"))
    evaluate(model, arguments.data, arguments.out, arguments.hold_out, training_rows=20000)


if __name__ == "__main__":
    main()
