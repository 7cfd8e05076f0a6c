"""Firewall rules as `iptables-save` prints them: which stand, in what order, and whether one is reached at all."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_OURS = re.compile(r"-j (AMANAT-[0-9a-f]{4}-[A-Z]+)", re.ASCII)
_HARMLESS = ("DROP", "REJECT", "LOG", "NFLOG")


@dataclass(frozen=True)
class Chain:
    """A chain of ours. `hook`: the chain of the system whose first rule leads to it."""

    program: str
    table: str
    hook: str
    name: str
    rules: tuple[str, ...]


def parse(saved: str) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(table, chain) → its rules in order, without the `-A CHAIN` before each."""
    found: dict[tuple[str, str], list[str]] = {}
    table = ""
    for line in saved.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif line.startswith(":"):
            found.setdefault((table, line[1:].split()[0]), [])
        elif line.startswith("-A "):
            _, chain, rule = line.split(" ", 2) if line.count(" ") > 1 else (*line.split(" ", 1), "")
            found.setdefault((table, chain), []).append(rule.strip())
    return {place: tuple(rules) for place, rules in found.items()}


def is_reached(rules: Sequence[str], chain: str) -> bool:
    """Does every packet that nothing has stopped before come to `-j chain`?

    What stands before it may only refuse or note, or lead to a chain of another system of ours, which looks at that
    system's bridges alone. An ACCEPT there, or a jump to strangers, could let through what our chain refuses.
    """
    for rule in rules:
        if rule == f"-j {chain}":
            return True
        if not (_OURS.fullmatch(rule) or _target(rule) in _HARMLESS):
            return False
    return False


def installing(saved: str, chains: list[Chain]) -> Iterator[str]:
    """Input for `iptables-restore`: one transaction per table. Naming a chain of ours empties it or makes it."""
    parsed = parse(saved)
    for table in dict.fromkeys(chain.table for chain in chains):
        ours = [chain for chain in chains if chain.table == table]
        yield f"*{table}\n"
        yield from (f":{chain.name} - [0:0]\n" for chain in ours)
        for chain in ours:
            jump = f"-j {chain.name}"
            yield from (f"-D {chain.hook} {rule}\n" for rule in parsed.get((table, chain.hook), ()) if rule == jump)
            yield f"-I {chain.hook} 1 {jump}\n"
            yield from (f"-A {chain.name} {rule}\n" for rule in chain.rules)
        yield "COMMIT\n"


def removing(saved: str, prefix: str) -> Iterator[str]:
    """Input for `iptables-restore` that takes away every chain named with `prefix`, and every jump to one."""
    parsed = parse(saved)
    for table in dict.fromkeys(table for table, _ in parsed):
        names = [name for at, name in parsed if at == table and name.startswith(prefix)]
        if names:
            yield f"*{table}\n"
            yield from (f":{name} - [0:0]\n" for name in names)
            for (at, hook), rules in parsed.items():
                if at == table and hook not in names:
                    yield from (f"-D {hook} {rule}\n" for rule in rules if f"-j {prefix}" in f"{rule} ")
            yield from (f"-X {name}\n" for name in names)
            yield "COMMIT\n"


def _target(rule: str) -> str:
    """Where a rule leads; quoted text, such as a comment that speaks of `-j`, is one word."""
    words = shlex.split(rule)
    return words[words.index("-j") + 1] if "-j" in words[:-1] else ""
