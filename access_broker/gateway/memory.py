"""The gateway's memory: buffers of answers that were sent are used again instead of being given back.

An answer goes through buffers of about a megabyte. glibc gives each of them back to the kernel and takes it anew, page
by page, and so does Arrow's own allocator after a moment: a third of the time that a large answer takes.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

import pyarrow as pa

from access_broker.adapters.kept_memory import KEPT_BYTES, LARGEST_BYTES

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def keep_freed_buffers() -> None:
    """For the whole process, as early as can be. Another C library than glibc goes on as it does by itself."""
    with suppress(OSError, AttributeError):
        tune = ctypes.CDLL(None).mallopt
        tune(_MMAP_THRESHOLD, LARGEST_BYTES)
        tune(_TRIM_THRESHOLD, KEPT_BYTES)
        pa.set_memory_pool(pa.system_memory_pool())
