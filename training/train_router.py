#!/usr/bin/python3
"""Trains the router's embedding model: `train_router.py` for the one that ships, `--hold-out SET...` to measure
unseen sources and intents.

Three tasks share one embedding. Routing: the seven labels as cosine prototypes, and a supervised contrastive loss that pulls
a label's sources together in the part that tells the kind of a request. Imitation: the part that tells the meaning lies where
the teacher's vector of the text lies (teacher.py), also when the text is disturbed. Intents: those of the public intent sets, as
cosine prototypes; a hold-out run does without them. Most texts go through the tables alone, at a twentieth of the cost.
The prototypes are thrown away: the router fits its own small head on the embedding.
"""
import argparse
import collections
import math
import os
import random
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import router_model
import wordings
from augment import vary
from data import INTENT_SETS, LABELS, add_hold_out, intent_rows, may_train_on, read_jsonl, router_rows
from evaluate_router import evaluate
from tokenizer import BOS, CONTROL_TOKENS, EOS, PAD

# Draws a label's sources by this power of their size: 1 as often as they are, 0 all alike.
SOURCE_POWER = 0.5
MASKED_SHARE = 0.1
MASK = CONTROL_TOKENS.index("<mask>")


class Prototypes(nn.Module):
    """Cosine similarity to one learnt vector per class, times a learnt scale."""

    def __init__(self, classes, size):
        super().__init__()
        self.vectors = nn.Parameter(F.normalize(torch.randn(classes, size), dim=-1))
        self.log_scale = nn.Parameter(torch.tensor(math.log(12.0)))

    def forward(self, embedding):
        return self.log_scale.exp().clamp(max=30) * embedding @ F.normalize(self.vectors, dim=-1).T


class Sampler:
    """Draws routing prompts evenly over the labels, and over a label's sources by a power of their size."""

    def __init__(self, rows, synthetic, synthetic_share, rng):
        self.rng, self.synthetic, self.synthetic_share = rng, synthetic, synthetic_share
        self.texts = collections.defaultdict(lambda: collections.defaultdict(list))
        for row in rows:
            self.texts[row["label"]][row["source"]].append(row["text"])
        self.sources = {label: (list(by), [len(by[s]) ** SOURCE_POWER for s in by]) for label, by in self.texts.items()}

    def draw(self):
        """(text, index of its label)"""
        label = self.rng.choice(LABELS)
        if self.rng.random() < self.synthetic_share:
            return self.synthetic.draw(label), LABELS.index(label)
        source = self.rng.choices(*self.sources[label])[0]
        return vary(self.rng.choice(self.texts[label][source]), self.rng), LABELS.index(label)


class Encoder:
    """Text to ids, with BPE dropout in a share of the texts; long texts mostly lose their middle to save time."""

    def __init__(self, path, rng):
        import sentencepiece
        self.model, self.rng = sentencepiece.SentencePieceProcessor(model_file=path), rng

    def __call__(self, text):
        rng = self.rng
        if rng.random() < 0.2:
            ids = self.model.encode(text, enable_sampling=True, alpha=0.08, nbest_size=-1)
        else:
            ids = self.model.encode(text)
        limit = 510 if rng.random() < 0.06 else 110
        if len(ids) > limit:
            head = rng.randrange(limit // 2, limit + 1)
            ids = ids[:head] + ids[len(ids) - (limit - head):]
        if rng.random() < 0.5:
            ids = [MASK if rng.random() < MASKED_SHARE else i for i in ids]
        return [BOS, *ids, EOS]


def pad(rows):
    longest = max(map(len, rows))
    ids = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
    return ids, torch.tensor([[1.0] * len(row) + [0.0] * (longest - len(row)) for row in rows])


def batches(draw, encoder, pool_size, tokens_a_batch, rng):
    """Endless batches of texts of like length, (ids, present, targets), about `tokens_a_batch` tokens each."""
    while True:
        pool = [(encoder(text), target) for text, target in (draw() for _ in range(pool_size))]
        pool.sort(key=lambda row: len(row[0]) + 8 * rng.random())
        groups, group = [], []
        for row in pool:
            if group and len(row[0]) * (len(group) + 1) > tokens_a_batch:
                groups.append(group)
                group = []
            group.append(row)
        groups.append(group)
        rng.shuffle(groups)
        for group in groups:
            yield (*pad([ids for ids, _ in group]), [target for _, target in group])


def contrastive(embedding, labels, temperature=0.1):
    """Supervised contrastive loss: texts of one label are each other's positives."""
    scores = embedding @ embedding.T / temperature
    self_mask = torch.eye(len(labels), dtype=torch.bool)
    scores = scores.masked_fill(self_mask, -1e9)
    positive = (labels[:, None] == labels) & ~self_mask
    log_probability = scores - scores.logsumexp(-1, keepdim=True)
    counts = positive.sum(-1).clamp(min=1)
    return -((log_probability * positive).sum(-1) / counts).mean()


def matching(embedding, wanted, temperature=0.05):
    """Row i must be nearer to what is wanted of it than to what is wanted of the others."""
    return F.cross_entropy(embedding @ wanted.T / temperature, torch.arange(len(embedding)))


def teacher_vectors(arguments):
    """(texts, [texts, meaning size]) to imitate; a hold-out run leaves out the texts of the sources it must not know."""
    file = np.load(os.path.join(arguments.out, "teacher.npz"), allow_pickle=True)
    allowed = [i for i, origin in enumerate(file["origins"])
               if may_train_on(origin.split(":")[-1], arguments.hold_out) and (arguments.hold_out is None or origin != "made")]
    return list(file["texts"][allowed]), file["vectors"][allowed]


def keep_ngrams(count):
    """Drops the n-gram rows of a quarter of the texts, so that the transformer learns to do without."""
    return (torch.rand(count) > 0.25).float()


class Training:
    """The model, what is learnt beside it, and endless batches of each task."""

    def __init__(self, arguments, rng):
        self.rng, self.total = rng, collections.Counter()
        rows = [row for row in router_rows(arguments.data, "train") if may_train_on(row["source"], arguments.hold_out)]
        self.encoder = Encoder(os.path.join(arguments.out, "tokenizer-router.model"), rng)
        synthetic = wordings.Prompts(rows, read_jsonl(os.path.join(arguments.data, "pretrain.jsonl.gz")), rng)
        self.prompts = Sampler(rows, synthetic, arguments.synthetic, rng)
        self.teacher_texts, self.teacher_vectors = teacher_vectors(arguments)
        intents = {name: [row for row in intent_rows(arguments.data, name, "train") if row["label"] != "oos" and may_train_on(name, arguments.hold_out)]
                   for name in INTENT_SETS}
        names = {name: sorted({row["label"] for row in found}) for name, found in intents.items() if found}
        self.intents = [(row["text"], (name, names[name].index(row["label"]))) for name in names for row in intents[name]]

        self.model = router_model.RouterModel(
            router_model.router_config(self.encoder.model.get_piece_size()), router_model.NgramConfig())
        self.model.start_from(np.load(os.path.join(arguments.out, "teacher-pieces.npy")))
        size = self.model.ngrams.sentence_size
        self.routes = Prototypes(len(LABELS), size)
        self.intent_prototypes = nn.ModuleDict({name: Prototypes(len(known), size) for name, known in names.items()})

        # For each depth: batches of routing prompts, of texts to imitate, and of intents at a quarter of the tokens.
        self.batches = {deep: {
            "routes": batches(self.prompts.draw, self.encoder, 2048, tokens, rng),
            "teacher": batches(self.draw_text, self.encoder, 2048, tokens if deep else 2 * tokens, rng),
            "intents": batches(self.draw_intent, self.encoder, 1024, tokens // 4, rng)}
            for deep, tokens in {True: arguments.deep_tokens, False: arguments.wide_tokens}.items()}

    def optimizers(self):
        """(optimizer, highest learning rate); the tables' gradients are sparse and need their own."""
        tables, words = list(self.model.tables.parameters()), self.model.transformer.embed_tokens.weight
        modules = (self.model, self.routes, self.intent_prototypes)
        self.dense = [p for module in modules for p in module.parameters() if all(p is not table for table in tables)]
        layers = [p for p in self.dense if p is not words]
        groups = [{"params": [p for p in layers if p.dim() > 1], "weight_decay": 0.05},
                  {"params": [p for p in layers if p.dim() <= 1], "weight_decay": 0.0}]
        return [(torch.optim.AdamW(groups, betas=(0.9, 0.98)), 2e-3), (torch.optim.Adam([words], betas=(0.9, 0.98)), 1e-3),
                (torch.optim.SparseAdam(tables, betas=(0.9, 0.98)), 4e-3)]

    def draw_intent(self):
        text, target = self.rng.choice(self.intents)
        return vary(text, self.rng), target

    def draw_text(self):
        at = self.rng.randrange(len(self.teacher_texts))
        return vary(self.teacher_texts[at], self.rng), at

    def embed(self, task, deep):
        """(embeddings, targets) of the next batch of a task."""
        ids, present, targets = next(self.batches[deep][task])
        return self.model(ids, present, deep, keep_ngrams(len(ids)) if deep else None), targets

    def routing_loss(self, deep):
        embedding, labels = self.embed("routes", deep)
        labels = torch.tensor(labels)
        kind = F.normalize(self.model.parts(embedding)[1], dim=-1)
        return (self.count("routes", deep, F.cross_entropy(self.routes(embedding), labels, label_smoothing=0.05))
                + 0.5 * self.count("contrastive", deep, contrastive(kind, labels)))

    def teacher_loss(self, deep):
        embedding, at = self.embed("teacher", deep)
        meaning = F.normalize(self.model.parts(embedding)[0], dim=-1)
        wanted = torch.from_numpy(self.teacher_vectors[at].astype(np.float32))
        return (4 * self.count("distance", deep, 1 - (meaning * wanted).sum(-1).mean())
                + 0.2 * self.count("matching", deep, matching(meaning, wanted)))

    def intent_loss(self, deep):
        if not self.intents:
            return 0
        embedding, targets = self.embed("intents", deep)
        loss = 0
        for name, prototypes in self.intent_prototypes.items():
            at = [i for i, (of, _) in enumerate(targets) if of == name]
            if at:
                wanted = torch.tensor([targets[i][1] for i in at])
                part = F.cross_entropy(prototypes(embedding[at]), wanted, label_smoothing=0.05)
                loss = loss + part * len(at) / len(targets)
        return 0.5 * self.count("intents", deep, loss)

    def loss(self):
        return sum(self.routing_loss(deep) + self.teacher_loss(deep) + self.intent_loss(deep) for deep in (True, False))

    def count(self, name, deep, loss):
        self.total[f"{'deep' if deep else 'wide'} {name}"] += loss.item()
        return loss

    def run(self, arguments, warm_up, report_every):
        """Trains for `arguments.steps`: the rate rises for `warm_up` steps and falls as a cosine; saves and evaluates on the way."""
        optimizers, started = self.optimizers(), time.time()
        for step in range(1, arguments.steps + 1):
            schedule = min(1.0, step / warm_up) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / arguments.steps)))
            for optimizer, rate in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = rate * schedule
                optimizer.zero_grad()
            self.loss().backward()
            torch.nn.utils.clip_grad_norm_(self.dense, 1.0)
            for optimizer, _ in optimizers:
                optimizer.step()
            if step % report_every == 0:
                losses = ", ".join(f"{name} {total / report_every:.3f}" for name, total in self.total.items())
                print(f"step {step}/{arguments.steps}: {losses}, {time.time() - started:.0f} s", flush=True)
                self.total.clear()
            if step % arguments.evaluate_every == 0 or step == arguments.steps:
                self.model.eval()
                router_model.save(self.model, os.path.join(arguments.out, arguments.name + ".pt"))
                prototypes = F.normalize(self.routes.vectors.detach(), dim=-1).numpy()
                evaluate(self.model, arguments.data, arguments.out, arguments.hold_out, prototypes)
                self.model.train()



def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--out", default="out")
    parser.add_argument("--name", default="router-base")
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--synthetic", type=float, default=0.35, help="share of prompts made from wordings.py")
    parser.add_argument("--deep-tokens", type=int, default=2048, help="tokens a step and task through the whole model")
    parser.add_argument("--wide-tokens", type=int, default=8192, help="tokens a step and task through the tables alone")
    parser.add_argument("--evaluate-every", type=int, default=1600)
    add_hold_out(parser)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    Training(arguments, random.Random(1)).run(arguments, warm_up=100, report_every=50)


if __name__ == "__main__":
    main()
