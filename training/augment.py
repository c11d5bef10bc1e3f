"""Small changes to a prompt that do not change what it asks for."""
import re

OPENINGS = ["please ", "Please ", "hi, ", "Hello! ", "hey ", "ok so ", "Quick question: ", "Could you help me? ", "I need help. ", "um, "]
CLOSINGS = [" thanks", " Thanks!", " please", " pls", " Thank you.", " asap", "?", "!", ".", "\n\nThanks in advance"]


def vary(text, rng):
    """The text with its case, punctuation, spacing or spelling disturbed, in about half of the calls."""
    if rng.random() < 0.5:
        return text
    casing = rng.random()
    if casing < 0.3:
        text = text.lower()
    elif casing < 0.38:
        text = text.upper()
    elif casing < 0.44:
        text = text.title()
    if rng.random() < 0.3:
        text = text.rstrip(" .?!。？！\n")
    if rng.random() < 0.1:
        text = re.sub(r"[,.;:!?'\"]", "", text)
    if rng.random() < 0.1:
        text = re.sub(r"\s+", " ", text)
    if rng.random() < 0.12:
        text = rng.choice(OPENINGS) + text
    if rng.random() < 0.12:
        text = text + rng.choice(CLOSINGS)
    if rng.random() < 0.25:
        text = misspell(text, rng)
    return text


def misspell(text, rng):
    """Swaps, drops or doubles a letter in a few of the words."""
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) > 3 and word.isalpha() and rng.random() < 0.12:
            at = rng.randrange(1, len(word) - 1)
            kind = rng.random()
            if kind < 0.4:
                words[i] = word[:at] + word[at + 1] + word[at] + word[at + 2:]
            elif kind < 0.7:
                words[i] = word[:at] + word[at + 1:]
            else:
                words[i] = word[:at] + word[at] + word[at:]
    return " ".join(words)
