"""What `midfill doctor` finds out: the machine, speeds, what each model would take, and what is to be mended.

Stands below what draws it. Knows no terminal; measures nothing that it was not handed a function for.
"""
