"""Persian or English, as the caller's Accept-Language asks (RFC 9110 §12.5.4)."""

from __future__ import annotations

LANGUAGES = ("en", "fa")


def language_of(accept_language: str) -> str:
    """The language with the highest weight that we speak; English when none is named. Never fails."""
    best, best_weight = LANGUAGES[0], 0.0
    for item in accept_language[:500].split(","):
        tag, _, parameters = item.partition(";")
        language = tag.strip().lower().split("-")[0]
        weight = _weight(parameters)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
