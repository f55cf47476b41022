"""The name of `store.embedded.supervisor` in the release before, kept for one release.

A supervisord that has not read the new `supervisord.conf`, and a server of the release before whose code was
replaced under it, still start `python -m store.keeper`.
"""

from __future__ import annotations

import sys

from store.embedded.supervisor import main

if __name__ == "__main__":
    sys.exit(main())
