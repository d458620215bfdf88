"""What a measurement was made on."""

import os
import platform
import re
import subprocess
from pathlib import Path


def processor():
    """The processor, its cores and the system."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return f"{found[1] if found else platform.processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def first_line(*command):
    """What a command says first, its version usually."""
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return next(iter((answer.stdout or answer.stderr).splitlines()), "unknown")
