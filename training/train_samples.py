#!/usr/bin/python3
"""Trains a sample decoder: `train_samples.py coding` or `train_samples.py reasoning`."""
import argparse
import math
import os
import random
import time

import torch
from torch.nn import functional as F

import sample_model
from data import generation_rows
from gemma4 import Gemma4ForCausalLM
from tokenizer import PAD, Tokenizer

MAXIMUM_TOKENS = 512
TOKENS_A_BATCH = 4096
# The prompt is predicted too, at a lower weight: the data is small, and the prompts are a third of it.
PROMPT_WEIGHT = 0.3
# One row in six is given a system turn, so that the model has seen one.
SYSTEM_SHARE = 1 / 6
SYSTEM_PROMPTS = [
    "Answer briefly.", "You are a helpful assistant.", "You are a careful assistant. Think step by step.",
    "You write clear code.", "Reply with the answer only.", "Be concise and correct.", "You are an expert tutor."]


def encode(rows, tokenizer, random_state=None):
    """(ids, weight of each id as a target)"""
    encoded = []
    for row in rows:
        with_system = random_state and random_state.random() < SYSTEM_SHARE
        system = random_state.choice(SYSTEM_PROMPTS) if with_system else None
        prompt, answer = sample_model.prompt_and_answer(tokenizer, row, system)
        ids = (prompt + answer)[:MAXIMUM_TOKENS]
        encoded.append((ids, ([PROMPT_WEIGHT] * len(prompt) + [1.0] * len(answer))[:MAXIMUM_TOKENS]))
    return encoded


def batches(encoded, random_state):
    """Rows of like length together, about TOKENS_A_BATCH tokens each, in random order."""
    order = sorted(encoded, key=lambda row: len(row[0]) + random_state.random() * 32)
    groups, group, longest = [], [], 0
    for row in order:
        longest = max(longest, len(row[0]))
        if group and longest * (len(group) + 1) > TOKENS_A_BATCH:
            groups.append(group)
            group, longest = [], len(row[0])
        group.append(row)
    groups.append(group)
    random_state.shuffle(groups)
    return groups


def loss_of(model, group, answers_only=False):
    longest = max(len(ids) for ids, _ in group)
    ids = torch.tensor([ids + [PAD] * (longest - len(ids)) for ids, _ in group])
    weights = torch.tensor([weights + [0.0] * (longest - len(weights)) for _, weights in group])[:, 1:]
    if answers_only:
        weights = (weights == 1).float()
    hidden = model.model(model.model.embed(ids[:, :-1]))
    # Only the positions that count go through the head, the most expensive layer of so small a model.
    counted = weights > 0
    losses = F.cross_entropy(model.logits(hidden[counted]), ids[:, 1:][counted], reduction="none")
    return (losses * weights[counted]).sum(), weights.sum()


def evaluate(model, encoded):
    model.eval()
    with torch.no_grad():
        parts = [loss_of(model, group, answers_only=True) for group in batches(encoded, random.Random(0))]
    model.train()
    return (sum(loss for loss, _ in parts) / sum(count for _, count in parts)).item()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=["coding", "reasoning"])
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--out", default="out")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--learning-rate", type=float, default=2.5e-3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    random_state = random.Random(1)
    tokenizer = Tokenizer(os.path.join(arguments.out, "tokenizer-samples.json"))
    rows, held_out = generation_rows(arguments.data, arguments.name)
    held_out = encode(held_out, tokenizer)
    model = Gemma4ForCausalLM(sample_model.sample_config(len(tokenizer)))
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
        lr=arguments.learning_rate, betas=(0.9, 0.98))

    steps = arguments.epochs * len(batches(encode(rows, tokenizer, random.Random(1)), random.Random(1)))
    step, started = 0, time.time()
    for epoch in range(arguments.epochs):
        total = count = 0
        for group in batches(encode(rows, tokenizer, random_state), random_state):
            progress = min(1.0, step / steps)
            rate = arguments.learning_rate * min(1.0, (step + 1) / 100) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress)))
            for parameters in optimizer.param_groups:
                parameters["lr"] = rate
            loss, weight = loss_of(model, group)
            optimizer.zero_grad()
            (loss / weight).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total, count, step = total + loss.item(), count + weight.item(), step + 1
            if step % 50 == 0:
                print(f"step {step}/{steps} loss {total / count:.3f} {time.time() - started:.0f} s", flush=True)
        sample_model.save(model, os.path.join(arguments.out, f"sample-{arguments.name}.pt"))
        print(f"epoch {epoch + 1}: training {total / count:.3f}, held-out answers {evaluate(model, held_out):.3f}, "
              f"{time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
