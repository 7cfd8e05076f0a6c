"""What stands behind the ids of a motion: an id alone tells nobody what they vote on."""

from __future__ import annotations

from markupsafe import Markup

from access_broker.console.wording import Named, Titled, Wording, ltr
from access_broker.domain.motions import ABOUT, About, Subject
from access_broker.use_cases.ports import Reader


def thing_of(reader: Reader, subject: Subject, about: str) -> Titled | None:
    """What the motion is about, by its title: of a contract its problem. None for a class of data, which has a name."""
    kind = ABOUT[subject]
    if kind is About.DATASET:
        return reader.dataset(about)
    if kind is About.CONTRACT:
        contract = reader.contract(about)
        return reader.problem(contract.problem) if contract else None
    return reader.problem(about) if kind is About.PROBLEM else None


def outcome_told(reader: Reader, wording: Wording, subject: Subject, outcome: str) -> Markup:
    """What exactly it decides, with the name of the executor that is chosen, or of the problem that is let in."""
    if subject is Subject.AWARD:
        return _named(wording, outcome, reader.organisation(outcome))
    if subject is Subject.SHARE_DATASET:
        problem = reader.problem(outcome)
        return Markup("{} {}").format(wording.title(problem), ltr(outcome)) if problem else ltr(outcome)
    return wording.outcome(subject, outcome)


def _named(wording: Wording, id: str, of: Named | None) -> Markup:
    return Markup("{} {}").format(wording.name(of), ltr(id)) if of else ltr(id)
