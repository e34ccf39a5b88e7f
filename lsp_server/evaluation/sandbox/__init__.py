"""Generated programs, executed so that a hostile one ends as a failed sample and nothing else.

A program may compute, read and print. It can open nothing for writing, start no process, open no socket and signal
nobody else: a filter of its system calls (seccomp) leaves it only those that this needs, whatever else the kernel
offers. Since it starts nothing, nothing of it is left once it has ended. Limits bound its time, memory, threads, open
files and what it prints. Any user can have all of that, in containers too, where namespaces and control groups mostly
cannot be had. What it reads, by its user's rights, it can tell nobody but whoever judges its output.

The benchmarks' programs need no more; the authors of SAFIM run theirs within limits much alike.
"""
