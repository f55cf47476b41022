"""Whether the server of a container answers: exit status 0, else 1.

PORT=8888 python -m ops.is_alive
"""

from __future__ import annotations

import os
import sys

from ops.health import answers

if __name__ == "__main__":
    sys.exit(not answers(int(os.environ["PORT"])))
