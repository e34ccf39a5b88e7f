"""Generated programs, executed so that a hostile one ends as a failed sample and nothing else.

A program may compute, read and print. It can open nothing for writing, and start no process, open no socket, send no
signal: a filter of its system calls (seccomp) leaves it those calls only that this needs, whatever a later kernel has
to offer. Since it starts nothing, nothing of it is left when it has ended. Limits bound its time, memory, threads,
files and what it prints. All of that is had by any user, and in containers too, where namespaces mostly are not.

The benchmarks' programs need no more. Those of SAFIM are run by their authors with limits alike: see `programs.py`.
"""
