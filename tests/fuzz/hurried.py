"""`server.py` that looks sooner for resumes which the stream did not bring: the state machine makes many.

    python -m tests.fuzz.hurried --port 8888

A resume that changes while it is scored waits for the next sweep, with a real server for six seconds. That is
most of what the state machine would wait for, and the wait itself is no part of what it looks at.
"""

import sys
from datetime import timedelta

import server
from engine.percolation import work_source

work_source._SWEEP_AFTER = timedelta(seconds=0.5)
work_source._SWEEP_EVERY_S = 0.5

if __name__ == "__main__":
    sys.exit(server.main(sys.argv[1:]))
