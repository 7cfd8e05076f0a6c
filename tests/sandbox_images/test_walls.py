"""What code in a notebook tries against the server beside it, the machine below it and the image around it."""

from __future__ import annotations

import pytest

from tests.sandbox_images.box import Box
from tests.sandbox_images.fake_hub import SERVER_TOKEN

CALL = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    return errno.errorcode[ctypes.get_errno()] if libc.syscall(number, *arguments) < 0 else "done"
"""
BUF = "ctypes.create_string_buffer(256)"

FORBIDDEN = {
    "trace the server": "call(101, 16, 1, 0, 0)",
    "trace anything": "call(101, 0, 0, 0, 0)",
    "read another's memory": f"call(310, os.getpid(), {BUF}, 1, {BUF}, 1, 0)",
    "write another's memory": f"call(311, os.getpid(), {BUF}, 1, {BUF}, 1, 0)",
    "a new user namespace": "call(272, 0x10000000)",
    "a process in one": "call(56, 0x10000000 | 17, 0, 0, 0, 0)",
    "join a namespace": "call(308, 0, 0)",
    "mount": "call(165, b'none', b'/tmp', b'tmpfs', 0, None)",
    "mount, the new way": "call(430, b'tmpfs', 0)",
    "io_uring": f"call(425, 1, {BUF})",
    "a file without a name": "call(319, b'x', 0)",
    "keys of the kernel": "call(250, 0, 0, 0, 0)",
    "BPF": f"call(321, 0, {BUF}, 0)",
    "performance counters": f"call(298, {BUF}, 0, -1, -1, 0)",
    "user-space page faults": "call(323, 0)",
    "message queues": "call(240, b'x', 64, 0, None)",
    "shared memory of the old kind": "call(29, 1, 4096, 512)",
    "a hypervisor's socket": "call(41, 40, 1, 0)",
    "a packet socket": "call(41, 17, 3, 0)",
    "a raw socket": "call(41, 2, 3, 1)",
    "a crypto socket": "call(41, 38, 5, 0)",
    "SCTP": "call(41, 2, 1, 132)",
    "netlink to the firewall": "call(41, 16, 3, 12)",
    "a socket pair of another kind": "call(53, 30, 1, 0, ctypes.create_string_buffer(8))",
    "another personality": "call(135, 0x0400000)",
}


@pytest.mark.parametrize("call", FORBIDDEN.values(), ids=FORBIDDEN)
def test_system_calls_that_no_analysis_needs_are_refused(box: Box, call: str) -> None:
    assert box.run(f"{CALL}\nprint({call})") == "EPERM\n"


@pytest.mark.parametrize("call", ["call(41, 1, 1, 0)", "call(41, 2, 1, 0)", "call(41, 10, 2, 17)", "call(39)"])
def test_the_calls_that_analyses_do_need_work(box: Box, call: str) -> None:
    assert box.run(f"{CALL}\nprint({call})") == "done\n"


@pytest.mark.parametrize(
    ("machine_code", "what"),
    [("b814000000cd80c3", "getpid through the 32-bit gate"), ("b8270000400f05c3", "getpid in the x32 numbering")],
)
def test_the_other_ways_to_number_a_call_are_closed(box: Box, machine_code: str, what: str) -> None:
    """A filter that knows one numbering and lets another through filters nothing."""
    program = f"""
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex({machine_code!r}))
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
print("answered", ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0, flush=True)
"""
    code = f"import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', {program!r}], capture_output=True))"
    printed = box.run(code)
    assert "answered True" not in printed, what
    assert "returncode=-31" in printed, printed  # SIGSYS


def test_the_probe_of_the_numberings_can_succeed(box: Box) -> None:
    """The same program with the ordinary numbering answers: what the test above sees is the filter."""
    program = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b8270000000f05c3"))
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
print("answered", ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0, flush=True)
"""
    assert "answered True" in box.run(
        f"import subprocess, sys\nprint(subprocess.check_output([sys.executable, '-c', {program!r}]))"
    )


@pytest.mark.parametrize("file", ["environ", "mem", "maps", "auxv", "fd", "cwd", "root", "exe", "stack", "io"])
def test_the_server_shows_nothing_of_itself(box: Box, file: str) -> None:
    printed = box.run(
        f"""
        import os
        path = "/proc/1/{file}"
        try:
            look = os.listdir if os.path.isdir(path) else os.readlink if os.path.islink(path) else open
            print("read", look(path))
        except PermissionError:
            print("refused")
        """
    )
    assert printed == "refused\n"


def test_the_server_cannot_be_stopped_from_a_notebook(box: Box) -> None:
    before = box.sh("cut -d' ' -f22 /proc/1/stat")
    box.run("import os, signal\nfor s in (9, 19, 15, 2, 1, 10, 14): os.kill(1, s)")
    assert box.run("print('here')") == "here\n"
    assert box.get("api/status").status_code == 200
    assert box.sh("cut -d' ' -f22 /proc/1/stat") == before


def test_the_token_of_the_server_is_nowhere_a_notebook_can_look(box: Box) -> None:
    printed = box.run(
        f"""
        import os, pathlib
        needle = {SERVER_TOKEN[::-1]!r}[::-1].encode()  # written backwards, or this cell itself would be found

        def holds(path):
            try:
                return path.is_file() and needle in path.read_bytes()
            except OSError:
                return False

        folders = [pathlib.Path(f) for f in ("/tmp", "/home/sandbox", "/dev/shm", "/run", "/var")]
        files = [*pathlib.Path("/proc").glob("[0-9]*/environ"), *(p for f in folders for p in f.rglob("*"))]
        print(sorted(str(p) for p in files if holds(p)), len(files) > 10)
        print("JUPYTERHUB_API_TOKEN" in os.environ, "JPY_API_TOKEN" in os.environ, "AMANAT_CONTRACT" in os.environ)
        """
    )
    assert printed == "[] True\nFalse False True\n"
    assert SERVER_TOKEN not in box.container.logs().decode()


def test_what_is_not_the_home_or_scratch_is_read_only(box: Box) -> None:
    printed = box.run(
        """
        import errno
        for folder in ("/opt/venv", "/opt/sandbox", "/etc", "/etc/jupyter", "/usr/bin", "/", "/var/tmp", "/run"):
            try:
                open(folder + "/x", "w"); print("written", folder)
            except OSError as error:
                assert error.errno in (errno.EROFS, errno.EACCES), error
        import os, pathlib, subprocess
        pathlib.Path("/tmp/x").write_text("#!/bin/sh\\n"); pathlib.Path("/home/sandbox/x").write_text("")
        os.chmod("/tmp/x", 0o755)
        try:
            subprocess.run(["/tmp/x"])
        except PermissionError:
            print("not executed")
        """
    )
    assert printed == "not executed\n"


def test_it_holds_no_privilege_and_can_gain_none(box: Box) -> None:
    printed = box.run("print(open('/proc/self/status').read())")
    held = dict(line.split(":\t", 1) for line in printed.splitlines() if ":\t" in line)
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(held[capabilities], 16) == 0, capabilities
    assert held["NoNewPrivs"] == "1"
    assert held["Seccomp"] == "2"
