#!/usr/bin/python3
"""The last phase of the router's training: `tune_router.py`, after train_router.py.

Training disturbs texts so much (dropped merges, masked tokens, made-up wordings, missing middles) that the model has hardly seen a
prompt as it will come. Here it sees real prompts, whole and mostly undisturbed, each as often as any other, at a low rate.
"""
import argparse
import math
import os
import random

import torch

import train_router
from augment import vary
from data import LABELS, add_hold_out, may_train_on, router_rows
from tokenizer import BOS, EOS

LAYER_RATE, WORD_RATE, TABLE_RATE = 5e-4, 3e-4, 1e-3


class WholeTexts:
    """Text to ids as the router makes them: nothing dropped, nothing masked; long texts keep head and tail."""

    def __init__(self, encoder, limit=254):
        self.model, self.limit = encoder.model, limit

    def __call__(self, text):
        ids = self.model.encode(text)
        if len(ids) > self.limit:
            ids = ids[:self.limit // 2] + ids[-self.limit // 2:]
        return [BOS, *ids, EOS]


class Tuning(train_router.Training):
    def __init__(self, arguments, rng):
        super().__init__(arguments, rng)
        self.rows = [row for row in router_rows(arguments.data, "train") if may_train_on(row["source"], arguments.hold_out)]
        saved = torch.load(os.path.join(arguments.out, arguments.start + ".pt"))
        self.model.load_state_dict(saved["state"])
        whole = WholeTexts(self.encoder)
        for deep, tokens in {True: arguments.deep_tokens, False: arguments.wide_tokens}.items():
            self.batches[deep]["routes"] = train_router.batches(self.draw_prompt, whole, 2048, tokens, rng)
        self.set_prototypes(whole)

    def set_prototypes(self, encode, examples=150):
        """Prototypes are not saved: each label's starts as the mean of some of its rows."""
        by_label = {label: [row["text"] for row in self.rows if row["label"] == label] for label in LABELS}
        with torch.no_grad():
            for at, label in enumerate(LABELS):
                texts = sorted(self.rng.sample(by_label[label], examples), key=len)
                means = [self.model(*train_router.pad([encode(text) for text in texts[i:i + 10]])).sum(0) for i in range(0, examples, 10)]
                self.routes.vectors[at] = torch.stack(means).sum(0) / examples
            self.routes.log_scale.fill_(math.log(20.0))

    def draw_prompt(self):
        if self.rng.random() < 0.15:
            label = self.rng.choice(LABELS)
            return vary(self.prompts.synthetic.draw(label), self.rng), LABELS.index(label)
        row = self.rng.choice(self.rows)
        text = vary(row["text"], self.rng) if self.rng.random() < 0.3 else row["text"]
        return text, LABELS.index(row["label"])

    def optimizers(self):
        return [(optimizer, rate) for (optimizer, _), rate in zip(super().optimizers(), (LAYER_RATE, WORD_RATE, TABLE_RATE))]

    def loss(self):
        return (self.routing_loss(True) + 0.5 * self.routing_loss(False) + self.intent_loss(True)
                + self.teacher_loss(True) + self.teacher_loss(False))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--out", default="out")
    parser.add_argument("--start", default="router-base", help="name of the checkpoint to start from")
    parser.add_argument("--name", default="router-nano")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--synthetic", type=float, default=0.0)
    parser.add_argument("--deep-tokens", type=int, default=4096)
    parser.add_argument("--wide-tokens", type=int, default=8192)
    parser.add_argument("--evaluate-every", type=int, default=1000)
    add_hold_out(parser)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(2)
    Tuning(arguments, random.Random(2)).run(arguments, warm_up=30, report_every=25)


if __name__ == "__main__":
    main()
