"""The profile as text: allow-list, one numbering of calls, and nothing in it by which a sandbox could look out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox_images.box import SECCOMP

PROFILE: dict[str, Any] = json.loads(SECCOMP)
UNCONDITIONAL = {name for rule in PROFILE["syscalls"] if not rule.get("args") for name in rule["names"]}


def test_what_it_does_not_name_is_refused() -> None:
    assert PROFILE["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {rule["action"] for rule in PROFILE["syscalls"]} == {"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"}
    assert PROFILE["architectures"] == ["SCMP_ARCH_X86_64"]


REFUSED = (
    "ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp io_uring_setup io_uring_enter userfaultfd bpf "
    "perf_event_open keyctl add_key unshare setns mount fsopen open_tree chroot pivot_root clone socket socketpair "
    "personality memfd_create execveat fanotify_init open_by_handle_at kexec_load init_module modify_ldt vmsplice"
)


@pytest.mark.parametrize("name", REFUSED.split())
def test_it_does_not_allow(name: str) -> None:
    assert name not in UNCONDITIONAL


def test_sockets_are_local_or_of_the_internet() -> None:
    rules = [rule for rule in PROFILE["syscalls"] if "socket" in rule["names"]]
    families = {next(a["value"] for a in rule["args"] if a["index"] == 0) for rule in rules}
    assert families == {1, 2, 10, 16}
    assert all(a["op"] == "SCMP_CMP_EQ" for rule in rules for a in rule["args"])
