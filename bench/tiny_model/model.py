"""The Qwen2 architecture at toy size, in PyTorch; exported, llama.cpp runs it as it runs Qwen2.5-Coder.

Attention with biases on queries, keys and values, grouped heads and rotary positions, a gated
feed-forward layer, RMS norms before both, and one matrix for embedding and output.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model; ``context`` is how many positions it is trained on."""

    vocabulary: int = 4096
    width: int = 192
    layers: int = 6
    heads: int = 3
    kv_heads: int = 1
    feed_forward: int = 512
    context: int = 1024
    rope_base: float = 10_000.0
    epsilon: float = 1e-6

    @property
    def head(self) -> int:
        """The width of one head."""
        return self.width // self.heads


def rotations(shape: Shape) -> tuple[Tensor, Tensor]:
    """Return cosines and sines, each (context, head), in the order that llama.cpp calls NEOX."""
    frequencies = shape.rope_base ** (-torch.arange(0, shape.head, 2).float() / shape.head)
    angles = torch.outer(torch.arange(shape.context).float(), frequencies)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turn queries or keys (batch, heads, positions, head) by their positions."""
    left, right = x.chunk(2, dim=-1)
    return x * cosines + torch.cat((-right, left), dim=-1) * sines


class Layer(nn.Module):
    """One transformer layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.attn_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.attn_q = nn.Linear(shape.width, shape.heads * shape.head)
        self.attn_k = nn.Linear(shape.width, shape.kv_heads * shape.head)
        self.attn_v = nn.Linear(shape.width, shape.kv_heads * shape.head)
        self.attn_output = nn.Linear(shape.heads * shape.head, shape.width, bias=False)
        self.ffn_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.ffn_gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        """Map (batch, positions, width) to the same."""
        shape, (batch, positions, _) = self.shape, x.shape
        y = self.attn_norm(x)
        q = self.attn_q(y).view(batch, positions, shape.heads, shape.head).transpose(1, 2)
        k = self.attn_k(y).view(batch, positions, shape.kv_heads, shape.head).transpose(1, 2)
        v = self.attn_v(y).view(batch, positions, shape.kv_heads, shape.head).transpose(1, 2)
        groups = shape.heads // shape.kv_heads
        k = rotate(k, cosines, sines).repeat_interleave(groups, dim=1)
        v = v.repeat_interleave(groups, dim=1)
        y = functional.scaled_dot_product_attention(rotate(q, cosines, sines), k, v, is_causal=True)
        x = x + self.attn_output(y.transpose(1, 2).reshape(batch, positions, -1))
        y = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(y)) * self.ffn_up(y))


class Model(nn.Module):
    """Token ids in, logits out. Parameters are named as GGUF names them, but for ``blk`` and dots."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        cosines, sines = rotations(shape)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)
        self.apply(self._initialise)
        for layer in self.blk:
            nn.init.zeros_(layer.attn_output.weight)
            nn.init.zeros_(layer.ffn_down.weight)

    @staticmethod
    def _initialise(module: nn.Module) -> None:
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (batch, positions) to logits (batch, positions, vocabulary)."""
        positions = tokens.shape[1]
        x = self.token_embd(tokens)
        for layer in self.blk:
            x = layer(x, self.cosines[:positions], self.sines[:positions])
        return functional.linear(self.output_norm(x), self.token_embd.weight)
