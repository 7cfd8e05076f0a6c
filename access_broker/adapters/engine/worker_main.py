"""The query worker's process: `python -m access_broker.adapters.engine.worker_main FD`, started by the pool.

FD is its end of a socket pair. When the pool goes, the stream ends and so does the process; the kernel's parent-death
signal says the same once more.
"""

from __future__ import annotations

import sys


def main() -> None:
    # pyarrow would load numpy when it can: 60 ms and a thread that no wall raised later would bind.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    from access_broker.adapters.engine import serving

    serving.live(int(sys.argv[1]))


if __name__ == "__main__":
    main()
