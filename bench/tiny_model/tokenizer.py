"""Train the embedded model's tokenizer: byte-level BPE behind Qwen2's pre-tokenizer.

    python -m bench.tiny_model.tokenizer --data DATA

Writes DATA/tokenizer.json. The special tokens bear the names that they have in Qwen2.5-Coder, and
stand behind the others as they do there, so that the product finds them in the same way.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from bench.tiny_model.corpus import load
from lsp_server.prompt.fim import QWEN25_CODER

SIZE = 4096
SAMPLE_CHARACTERS = 40_000_000
# The pattern of Qwen2's tokenizer.json; llama.cpp knows it as the pre-tokenizer "qwen2".
QWEN2_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def with_model(model: models.BPE) -> Tokenizer:
    """Return a tokenizer with Qwen2's pre-tokenizer and decoder."""
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2_PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def main() -> None:
    """Train on a seeded sample of the training files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    texts = [source.text for source in load(data / "train.jsonl.gz")]
    random.Random(0).shuffle(texts)
    total = 0
    sample = []
    for text in texts:
        total += len(text)
        sample.append(text)
        if total > SAMPLE_CHARACTERS:
            break
    tokenizer = with_model(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE - len(QWEN25_CODER.stop),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sample, trainer)
    tokenizer.add_special_tokens(list(QWEN25_CODER.stop))
    tokenizer.save(str(data / "tokenizer.json"))
    count = sum(len(e.ids) for e in tokenizer.encode_batch(texts[-200:]))
    print(f"{tokenizer.get_vocab_size()} tokens; {sum(map(len, texts[-200:])) / count:.2f} characters a token")


if __name__ == "__main__":
    main()
