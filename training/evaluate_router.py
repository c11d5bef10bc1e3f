#!/usr/bin/python3
"""Measures an embedding model as the router uses it: `evaluate_router.py --name router-nano [--hold-out]`."""
import argparse
import collections
import functools
import os
import random

import numpy as np
import torch

import router_model
from data import HELD_OUT_SOURCES, INTENT_SETS, LABELS, intent_rows, router_rows, seen_intents
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


def unseen_intents(data, name):
    """(training texts by intent, names of the intents, test rows) of the intents that training never saw."""
    seen = seen_intents(data, name) + ["oos"]
    texts = collections.defaultdict(list)
    for row in intent_rows(data, name, "train"):
        if row["label"] not in seen:
            texts[row["label"]].append(row["text"])
    return texts, sorted(texts), [row for row in intent_rows(data, name, "test") if row["label"] not in seen]


def centroid_accuracy(model, data, out, name, examples=10, seeds=3):
    """Accuracy of the nearest centroid of a few examples of each unseen intent."""
    texts, names, test = unseen_intents(data, name)
    test_x = embed(model, [row["text"] for row in test], out)
    test_y = np.array([names.index(row["label"]) for row in test])
    results = []
    for seed in range(seeds):
        rng = random.Random(seed)
        chosen = [text for intent in names for text in rng.sample(texts[intent], examples)]
        centroids = embed(model, chosen, out).reshape(len(names), examples, -1).mean(1)
        centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
        results.append(np.mean((test_x @ centroids.T).argmax(1) == test_y))
    return np.mean(results), len(names)


def evaluate(model, data, out, held_out, prototypes=None, training_rows=3000):
    """Prints accuracies: of the trained prototypes, of a linear head on many training rows, of heads on 20 rows a label."""
    rows = router_rows(data, "train")
    sets = {
        "train": [row for row in rows if row["source"] not in held_out],
        "dev": [row for row in router_rows(data, "dev") if row["source"] not in held_out],
        "unseen": [row for row in rows if row["source"] in held_out]}
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
    for name in INTENT_SETS:
        mean, count = centroid_accuracy(model, data, out, name)
        print(f"  {name}: {count} unseen intents, centroids of 10 examples {mean:.4f}", flush=True)


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
    parser.add_argument("--hold-out", action="store_true")
    arguments = parser.parse_args()
    model = router_model.load(os.path.join(arguments.out, arguments.name + ".pt"))
    evaluate(model, arguments.data, arguments.out, HELD_OUT_SOURCES if arguments.hold_out else [], training_rows=20000)


if __name__ == "__main__":
    main()
