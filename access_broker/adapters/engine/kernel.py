"""The few Linux calls that Python 3.11 has no name for, through ctypes. Every failure is an OSError with its errno."""

from __future__ import annotations

import ctypes
import os
import signal

_LIBC = ctypes.CDLL(None, use_errno=True)

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_LAST_CAPABILITY = 63


def check(result: int) -> int:
    """The result of a libc call, or its errno as an OSError."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def prctl(option: int, *arguments: int) -> int:
    """prctl(2) with its unused arguments zero, as newer options demand."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return check(_LIBC.prctl(ctypes.c_int(option), *(ctypes.c_ulong(a) for a in padded)))


def syscall(number: int, *arguments: object) -> int:
    """syscall(2); each argument is a ctypes value, because varargs know no prototypes."""
    return check(_LIBC.syscall(ctypes.c_long(number), *arguments))


def unshare(flags: int) -> None:
    """unshare(2). A new user namespace needs a process of one thread."""
    check(_LIBC.unshare(ctypes.c_int(flags)))


def die_with_parent() -> None:
    """SIGKILL for this process when the thread that spawned it ends.

    The kernel forgets this on every change of credentials, so it is said again after each.
    """
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def forbid_new_privileges() -> None:
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def forbid_inspection() -> None:
    """No core, no ptrace, and /proc/PID/{mem,environ,fd} belong to root."""
    prctl(_PR_SET_DUMPABLE, 0)


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def drop_bounding_set() -> None:
    """No program started later can gain a capability, whatever its file says. Does nothing without CAP_SETPCAP."""
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            prctl(_PR_CAPBSET_DROP, capability)
        except OSError:  # unknown to this kernel, or not ours to drop
            return


def drop_capabilities() -> None:
    """Empty every capability set of this process. Root without capabilities is an ordinary user who owns much."""
    prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = _CapHeader(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    check(_LIBC.capset(ctypes.byref(header), ctypes.byref((_CapData * 2)())))
