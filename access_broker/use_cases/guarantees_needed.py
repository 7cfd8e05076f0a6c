"""The guarantees a contract needs: the two that every one does, and what the classes of its columns ask for (S3-P7)."""

from __future__ import annotations

from collections.abc import Iterable

from access_broker.domain.contracts import Contract
from access_broker.domain.datasets import DataClass, Dataset, Mode
from access_broker.domain.guarantees import ALWAYS, GuaranteeDemand, GuaranteeKind
from access_broker.use_cases.ports import Reader


def demands(reader: Reader) -> list[GuaranteeDemand]:
    """What stands, for every class that anything was decided about."""
    return reader.filed(GuaranteeDemand)


def guarantees_needed(reader: Reader, contract: Contract) -> tuple[GuaranteeKind, ...]:
    """The kinds that this contract needs now, in the order of the enumeration."""
    datasets = {id: reader.dataset(id) for id in {grant.dataset for grant in contract.scope}}
    return needed_by_classes(demands(reader), contract, datasets)


def needed_by_classes(
    standing: Iterable[GuaranteeDemand], contract: Contract, datasets: dict[str, Dataset | None]
) -> tuple[GuaranteeKind, ...]:
    """As `guarantees_needed`, of what has been read already."""
    granted = set(_classes(contract, datasets))
    asked = {kind for demand in standing if demand.data_class in granted for kind in demand.kinds}
    return tuple(kind for kind in GuaranteeKind if kind in ALWAYS or kind.value in asked)


def _classes(contract: Contract, datasets: dict[str, Dataset | None]) -> Iterable[DataClass]:
    """Of every granted column; one that its steward does not describe counts as the strictest."""
    for grant in contract.scope:
        dataset = datasets.get(grant.dataset)
        table = dataset.table(grant.table) if dataset else None
        classes = {column.id: column.data_class for column in table.columns} if table else {}
        for column in grant.columns:
            if column.mode is not Mode.DENY:
                yield classes.get(column.column, DataClass.DIRECT_IDENTIFIER)
