"""llama.cpp: load a model, tokenize, evaluate. The only package that imports llama_cpp.

Speaks tokens, sequences and positions; knows no prompt, no cache policy and no threads. One context with
a KV buffer that all sequences share.
"""

from __future__ import annotations

import os

# The threads of an evaluation wait for each other many hundred times. By default they spin meanwhile, and where
# another program wants one of the cores, each wait lasts until the system takes the core away: a token took 2.7 s
# instead of 25 ms. So they spin briefly and then sleep. OpenMP reads this once, when llama_cpp loads it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
