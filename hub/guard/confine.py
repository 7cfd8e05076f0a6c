"""Giving up what the guard does not need once its sockets are bound."""

from __future__ import annotations

import ctypes
import encodings.idna  # noqa: F401 - loaded now: afterwards the files may not be readable
import os
import resource

# No account has it and no query worker gets it, so no file and no other process is this user's.
_NOBODY_ELSE = 699991
_SET_PDEATHSIG, _GET_PDEATHSIG, _SET_DUMPABLE, _SET_NO_NEW_PRIVS = 1, 2, 4, 38


def give_up_rights() -> None:
    """Raises OSError when that is not possible: then the guard must not serve."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    parent, at_its_death = os.getppid(), ctypes.c_int(0)
    _prctl(_GET_PDEATHSIG, ctypes.byref(at_its_death))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY_ELSE)
        os.setuid(_NOBODY_ELSE)
    _prctl(_SET_NO_NEW_PRIVS, 1)
    _prctl(_SET_DUMPABLE, 0)
    # With the change of user the kernel forgets that this process ends with its supervisor.
    _prctl(_SET_PDEATHSIG, at_its_death.value)
    if os.getppid() != parent:
        raise OSError("whoever started the guard is gone")


def _prctl(option: int, value: object) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel does not let this process give up its rights")
