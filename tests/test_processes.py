"""Nothing works on for a process that has been killed."""

import os
import signal
import subprocess
import sys
import time

import pytest

CHILD = """
import os, sys, time
from kancli.processes import end_with_parent
end_with_parent(int(sys.argv[1]))
print(os.getpid(), flush=True)
while True:
    pass
"""
PARENT = f"""
import os, subprocess, sys
subprocess.run([sys.executable, "-c", {CHILD!r}, str(os.getpid())])
"""
WORKER = """
import os, time
from kancli.search.processes import in_order
def work():
    print(os.getpid(), flush=True)
    time.sleep(60)
list(in_order([work], jobs=1, deadline=time.monotonic() + 60))
"""
# Sums of tangents keep sympy busy for long.
SIMPLIFYING = """
import time
from kancli.symbolic.rewrite import simplify
text = "+".join(f"tan(c{i}*x0+c{i}*x1)**{i}/(sin(x0*c{i})+cos(x1))" for i in range(9))
names = ",".join(["x0", "x1"] + [f"c{i}" for i in range(9)])
started = simplify.subprocess.Popen
def popen(*args, **how):
    child = started(*args, **how)
    print(child.pid, flush=True)
    return child
simplify.subprocess.Popen = popen
simplify._child_lines([text, names, ",".join(["1"] * 11)], time.monotonic() + 60)
"""


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has asked after does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("script", [PARENT, WORKER, SIMPLIFYING], ids=["child", "worker", "sympy"])
def test_children_end_with_a_parent_that_is_killed(script: str) -> None:
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(1.5)
        assert alive(child)
        parent.kill()
    end = time.monotonic() + 5
    while alive(child) and time.monotonic() < end:
        time.sleep(0.1)
    try:
        assert not alive(child)
    finally:
        if alive(child):
            os.kill(child, signal.SIGKILL)
