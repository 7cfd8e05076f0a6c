"""A system-call filter: no new sockets, programs, processes, namespaces, and no look into other processes.

It closes what the other walls leave: Landlock lets unix sockets on the file system through (a Docker socket, say) and
knows no chmod, and a container may not be allowed a network namespace. A refused call fails with EPERM.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from access_broker.adapters.engine.kernel import prctl

_PR_SET_SECCOMP, _FILTER_MODE = 22, 2
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_ARCH, _AT_FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, little endian
_X32_BIT = 0x40000000
_CLONE_THREAD = 0x00010000
_CLONE3 = 435

_REFUSED = """
sockets:    socket 41 198, socketpair 53 199, connect 42 203, bind 49 200, listen 50 201, accept 43 202, accept4 288 242
programs:   fork 57 -, vfork 58 -, execve 59 221, execveat 322 281
processes:  kill 62 129, tkill 200 130, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, ptrace 101 117,
            process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440, kcmp 312 272,
            pidfd_open 434 434, pidfd_getfd 438 438, pidfd_send_signal 424 424
kernel:     bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, io_uring_setup 425 425, io_uring_enter 426 426,
            io_uring_register 427 427, add_key 248 217, request_key 249 218, keyctl 250 219, init_module 175 105,
            finit_module 313 273, delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294, reboot 169 142,
            syslog 103 116, acct 163 89, swapon 167 224, swapoff 168 225, settimeofday 164 170, clock_settime 227 112
namespaces: unshare 272 97, setns 308 268, mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51,
            open_tree 428 428, move_mount 429 429, fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433,
            mount_setattr 442 442, name_to_handle_at 303 264, open_by_handle_at 304 265, fanotify_init 300 262
memory:     memfd_create 319 279, memfd_secret 447 447, shmget 29 194, shmat 30 196, shmctl 31 195, semget 64 190,
            semop 65 193, msgget 68 186, msgsnd 69 189, msgrcv 70 188, mq_open 240 180
files:      creat 85 -, truncate 76 45, mkdir 83 -, mkdirat 258 34, mknod 133 -, mknodat 259 33, rename 82 -,
            renameat 264 38, renameat2 316 276, rmdir 84 -, link 86 -, linkat 265 37, unlink 87 -, unlinkat 263 35,
            symlink 88 -, symlinkat 266 36, chmod 90 -, fchmod 91 52, fchmodat 268 53, chown 92 -, fchown 93 55,
            lchown 94 -, fchownat 260 54, utimensat 280 88, setxattr 188 5
"""
"""Name, number on x86_64, number on aarch64 (`-`: not there)."""

_MACHINES = {"x86_64": (0xC000003E, 1, 56), "aarch64": (0xC00000B7, 2, 220)}
"""machine → (audit architecture, column of the table, number of clone)."""


def supported() -> bool:
    return os.uname().machine in _MACHINES


def refused_calls(machine: str) -> dict[str, int]:
    """Name → number of every call that the filter refuses outright on this machine."""
    column = _MACHINES[machine][1]
    rows = [row.split(":")[-1].split() for row in _REFUSED.replace("\n", ",").split(",")]
    return {row[0]: int(row[column]) for row in rows if row and row[column] != "-"}


def _step(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, when_true, when_false, value)


def program(machine: str) -> bytes:
    """The filter as BPF. Another architecture than the machine's own, or the x32 table, kills the process."""
    arch, _, clone = _MACHINES[machine]
    refuse = _step(_RETURN, _ERRNO | errno.EPERM)
    steps = [_step(_LOAD, _AT_ARCH), _step(_EQUAL, arch, 1, 0), _step(_RETURN, _KILL), _step(_LOAD, _AT_NUMBER)]
    steps += [_step(_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, _KILL)]
    # clone3 hides its flags behind a pointer: "no such call" makes libc fall back to clone, whose flags show.
    steps += [_step(_EQUAL, _CLONE3, 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    for number in sorted(refused_calls(machine).values()):
        steps += [_step(_EQUAL, number, 0, 1), refuse]
    steps += [_step(_EQUAL, clone, 0, 3), _step(_LOAD, _AT_FIRST_ARGUMENT), _step(_ANY_BIT, _CLONE_THREAD, 1, 0)]
    steps += [refuse, _step(_RETURN, _ALLOW)]
    return b"".join(steps)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def restrict_syscalls() -> None:
    """Install the filter on this thread and all it starts. Needs no_new_privs. Raises OSError."""
    code = program(os.uname().machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_ = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(filter_))
