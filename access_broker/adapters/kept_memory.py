"""How much freed memory a process keeps for itself: broker and workers alike send buffers of answers from it again."""

KEPT_BYTES = 64 << 20
"""Most that is kept of what was freed at the end of a heap."""

LARGEST_BYTES = 32 << 20
"""Largest buffer that is kept at all; glibc takes no more."""
