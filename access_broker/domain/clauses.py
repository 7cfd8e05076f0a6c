"""The clauses that every contract holds, in both languages, and what the product writes where nobody wrote anything.

The directive wants a contract to say more than dates and columns: who governs it, who keeps up what is built, what
comes after, how competitors come in, what keeps a monopoly away. The clauses are part of the text that is signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ClauseKind(StrEnum):
    """What a clause settles. No contract comes into force without one of each."""

    GOVERNANCE = "governance"
    UPKEEP = "upkeep"
    COOPERATION = "cooperation"
    COMPETITOR_ENTRY = "competitor_entry"
    ANTI_MONOPOLY = "anti_monopoly"


RULE_OF_CLAUSE: dict[ClauseKind, str] = {
    ClauseKind.GOVERNANCE: "S3-P1-R1",
    ClauseKind.UPKEEP: "S3-P1-R1",
    ClauseKind.COOPERATION: "S3-P1-R1",
    ClauseKind.COMPETITOR_ENTRY: "S3-P6",
    ClauseKind.ANTI_MONOPOLY: "S3-P6-R1",
}
LONGEST_CLAUSE = 4000  # characters


@dataclass(frozen=True)
class ContractClause:
    """One clause as it stands in the contract. A text that is blank in either language is no clause."""

    kind: ClauseKind
    text_en: str
    text_fa: str

    @property
    def is_written(self) -> bool:
        return bool(self.text_en.strip() and self.text_fa.strip())


STANDARD = (
    ContractClause(
        ClauseKind.GOVERNANCE,
        "The Monitoring Committee watches how this contract is carried out and decides where the parties differ. Every"
        " change of its text is signed and approved anew.",
        "کمیته رصد و پایش بر اجرای این قرارداد نظارت می‌کند و در اختلاف میان طرفین تصمیم می‌گیرد. هر تغییری در متن"
        " قرارداد دوباره امضا و تأیید می‌شود.",
    ),
    ContractClause(
        ClauseKind.UPKEEP,
        "The executor designs, builds and keeps up the product at its own cost until the contract ends, and hands over"
        " what the owner needs to keep it running afterwards.",
        "مجری تا پایان قرارداد محصول را با هزینه خود طراحی می‌کند، می‌سازد و نگهداری می‌کند و آنچه صاحب داده برای"
        " ادامه کار آن لازم دارد تحویل می‌دهد.",
    ),
    ContractClause(
        ClauseKind.COOPERATION,
        "After the contract ends the parties may go on working together only under a new contract. This one gives"
        " nobody a claim to it.",
        "ادامه همکاری پس از پایان این قرارداد تنها با قرارداد تازه ممکن است و این قرارداد برای هیچ‌کس حقی بر آن"
        " پدید نمی‌آورد.",
    ),
    ContractClause(
        ClauseKind.COMPETITOR_ENTRY,
        "The data stays its owner's. When the time set by the platform is over, other companies may be given the same"
        " data for services of the same kind. The executor describes its interfaces and formats openly enough for them"
        " to enter, and does nothing that hinders them.",
        "داده از آن صاحب آن می‌ماند. پس از پایان مهلتی که سکو تعیین کرده است، همین داده را می‌توان برای خدمات مشابه در"
        " اختیار شرکت‌های دیگر گذاشت. مجری رابط‌ها و قالب‌های خود را چنان باز توصیف می‌کند که ورود رقیبان ممکن باشد و"
        " کاری نمی‌کند که راه آنان را ببندد.",
    ),
    ContractClause(
        ClauseKind.ANTI_MONOPOLY,
        "Neither the technical design nor the business model may keep others from using the data or from offering a"
        " like service. Results are written in open formats that anybody can read.",
        "نه طراحی فنی و نه مدل کسب‌وکار نباید دیگران را از استفاده از داده یا عرضه خدمت مشابه بازدارد. نتایج در"
        " قالب‌های بازی نوشته می‌شود که هر کسی بتواند بخواند.",
    ),
)
"""What stands in a contract that brings no clause of its own. For good: contracts in force hold these very words."""


def clauses_from(own: Mapping[ClauseKind, ContractClause | None]) -> tuple[ContractClause, ...]:
    """A contract's clauses: its own, and the standard one of every kind that it does not speak of.

    None says that nothing was agreed: then there is no clause of that kind, and the contract cannot come into force.
    """
    clauses = (own.get(standard.kind, standard) for standard in STANDARD)
    return tuple(clause for clause in clauses if clause is not None)


def clauses_of(written: tuple[ContractClause, ...]) -> tuple[ClauseKind, ...]:
    """The kinds that are settled, each once, in the order of the standard clauses."""
    settled = {clause.kind for clause in written if clause.is_written}
    return tuple(kind for kind in ClauseKind if kind in settled)
