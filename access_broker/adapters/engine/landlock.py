"""Landlock: from here on this process reads exactly one file, and no kernel right that Landlock knows is left over.

A domain binds the calling thread and what it starts later: apply it while there is one thread.
"""

from __future__ import annotations

import ctypes
import os

from access_broker.adapters.engine.kernel import syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_READ_FILE = 1 << 2

_FS_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))
"""(ABI, how many file-system rights it knows): 1 the first thirteen, 2 refer, 3 truncate, 5 ioctl on devices."""
_NET_RIGHTS = 0b11  # ABI 4: bind and connect TCP
_SCOPES = 0b11  # ABI 6: abstract unix sockets, signals


class _RulesetAttr(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneathAttr(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """Landlock's ABI version on this kernel; 0 when there is none."""
    try:
        return syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    except OSError:
        return 0


def handled(version: int) -> tuple[int, int, int]:
    """(file-system, network, scope) rights to take away under this ABI: all there are."""
    known = max((count for since, count in _FS_RIGHTS if version >= since), default=0)
    return (1 << known) - 1, _NET_RIGHTS if version >= 4 else 0, _SCOPES if version >= 6 else 0


def restrict_to_file(fd: int) -> None:
    """Take away everything but reading the file behind `fd` (O_PATH is enough). Raises OSError.

    Needs no_new_privs (or CAP_SYS_ADMIN) first. An open descriptor keeps the rights it was opened with.
    """
    version = abi()
    attributes = _RulesetAttr(*handled(version))
    size = 8 if version < 4 else 16 if version < 6 else 24  # an older kernel refuses fields it does not know
    ruleset = syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        rule = _PathBeneathAttr(_READ_FILE, fd)
        syscall(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0))
        syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
