#!/usr/bin/python3
"""The bag-of-words baseline (TF-IDF of words and character n-grams, logistic regression) on the same splits."""
import argparse
import random

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from data import HELD_OUT_SOURCES, INTENT_SETS, router_rows
from evaluate_router import by_source, unseen_intents


def features():
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, max_features=300000))


def centroid_accuracy(fitted, data, name, examples=10, seeds=3):
    texts, names, test = unseen_intents(data, name)
    test_x, results = fitted.transform([row["text"] for row in test]), []
    for seed in range(seeds):
        rng = random.Random(seed)
        chosen = fitted.transform([text for intent in names for text in rng.sample(texts[intent], examples)]).tocsr()
        centroids = np.stack([np.asarray(chosen[i:i + examples].mean(0))[0] for i in range(0, chosen.shape[0], examples)])
        centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
        found = (test_x @ centroids.T).argmax(1)
        results.append(np.mean([names[i] == row["label"] for i, row in zip(found, test)]))
    return np.mean(results)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--hold-out", action="store_true")
    arguments = parser.parse_args()
    held_out = HELD_OUT_SOURCES if arguments.hold_out else []
    rows = router_rows(arguments.data, "train")
    train = [row for row in rows if row["source"] not in held_out]
    unseen = [row for row in rows if row["source"] in held_out]
    unseen = random.Random(0).sample(unseen, min(len(unseen), 4000))
    dev = [row for row in router_rows(arguments.data, "dev") if row["source"] not in held_out]
    model = make_pipeline(features(), LogisticRegression(C=10, solver="saga", max_iter=15, tol=1e-3))
    model.fit([row["text"] for row in train], [row["label"] for row in train])
    for name, test in (("dev", dev), ("unseen", unseen)):
        if test:
            right = model.predict([row["text"] for row in test]) == np.array([row["label"] for row in test])
            print(f"  {name}: {right.mean():.4f} of {len(right)}")
            if name == "unseen":
                print(*by_source(test, right), sep="\n")
    for name in INTENT_SETS:
        print(f"  {name}: unseen intents, centroids of 10 examples {centroid_accuracy(model[0], arguments.data, name):.4f}")


if __name__ == "__main__":
    main()
