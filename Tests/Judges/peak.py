"""Runs a program and writes the peak memory in kB of it and all that it ran into a file: peak.py FILE PROGRAM ARGUMENT…

Linux counts the memory of whoever spawns a program as the program's own until it is loaded, and a test runner may be
large: so this small process spawns it.
"""

import resource
import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code if code >= 0 else 128 - code)
