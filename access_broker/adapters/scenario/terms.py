"""The disclosure terms of a contract. What is not given keeps the product's strict default."""

from __future__ import annotations

from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading
from access_broker.domain.contracts import AnswerMode, Differencing, Dominance, Epsilon, Terms
from access_broker.domain.datasets import ColumnRef, Dataset, RareValues

_STRICT = Terms()


def read_terms(part: Part, datasets: dict[str, Dataset], reading: Reading) -> Terms:
    answer_mode = part.choice("answer_mode", AnswerMode, _STRICT.answer_mode)
    if answer_mode is AnswerMode.DP and "epsilon" not in part:
        reading.faults.add((*part.path, "answer_mode"), "EPSILON_MISSING")
    if (
        answer_mode is not AnswerMode.DP
        and "epsilon" in part
        and not reading.faults.are_at((*part.path, "answer_mode"))
    ):
        reading.faults.add((*part.path, "epsilon"), "EPSILON_UNUSED")
    return Terms(
        k=part.whole("k", _STRICT.k),
        max_rows=part.whole("max_rows", _STRICT.max_rows),
        daily_queries=part.whole("daily_queries", _STRICT.daily_queries),
        aggregates=tuple(sorted(part.texts("aggregates"))) or _STRICT.aggregates,
        dominance=_dominance(part.at("dominance")),
        differencing=part.choice("differencing", Differencing, _STRICT.differencing),
        answer_mode=answer_mode,
        epsilon=_epsilon(part.at("epsilon"), reading),
        clip=_clip(part.at("clip"), datasets, reading),
        rare_values=part.choice("rare_values", RareValues, _STRICT.rare_values),
        top_code=part.flag("top_code"),
        daily_rows=part.whole("daily_rows", 1) if "daily_rows" in part else None,
        answer_ms=part.whole("answer_ms", 0),
        protective=tuple(sorted(part.texts("protective"))),
        signals=tuple((name, part.at("signals").whole(name, 1)) for name, _ in part.at("signals").entries()),
    )


def _dominance(part: Part) -> Dominance | None:
    if not isinstance(part.value, dict):
        return None
    p = part.number("p", 1.0) if "p" in part.value else None
    return Dominance(part.whole("n", 1), part.number("share", 1.0), p)


def _epsilon(part: Part, reading: Reading) -> Epsilon | None:
    if not isinstance(part.value, dict):
        return None
    epsilon = Epsilon(
        part.number("per_statement"),
        part.number("total"),
        part.whole("rows_per_person", Epsilon.rows_per_person),
        part.whole("groups_per_person", Epsilon.groups_per_person),
    )
    if 0 < epsilon.total < epsilon.per_statement:
        reading.faults.add((*part.path, "per_statement"), "EPSILON_ORDER")
    return epsilon


def _clip(part: Part, datasets: dict[str, Dataset], reading: Reading) -> tuple[tuple[str, float, float], ...]:
    clip = []
    for name, bounds in part.entries():
        numbers = [float(n.value) for n in bounds.items() if isinstance(n.value, int | float)]
        if reading.faults.are_at(bounds.path) or len(numbers) != 2:
            continue
        if not _exists(ColumnRef.parse(name), datasets):
            reading.faults.add(bounds.path, "UNKNOWN_REFERENCE", kind="column", id=name)
        if numbers[0] >= numbers[1]:
            reading.faults.add(bounds.path, "CLIP_ORDER")
        clip.append((name, numbers[0], numbers[1]))
    return tuple(clip)


def _exists(ref: ColumnRef, datasets: dict[str, Dataset]) -> bool:
    dataset = datasets.get(ref.dataset)
    table = dataset.table(ref.table) if dataset else None
    return table is not None and any(column.id == ref.column for column in table.columns)
