from __future__ import annotations

import pytest

from access_broker.publish.types import decimal_scale, published_type


@pytest.mark.parametrize(
    ("type_name", "published"),
    [
        ("BIGINT", "BIGINT"),
        ("DECIMAL(12,2)", "DECIMAL(12,2)"),
        ("DATE", "DATE"),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP"),
        ("TIMESTAMP_NS", "TIMESTAMP"),
        ("UUID", "VARCHAR"),
        ("JSON", "VARCHAR"),
        ("ENUM('a', 'b')", "VARCHAR"),  # the type itself would list every value of the source
        ("VARCHAR[]", None),
        ("STRUCT(a INTEGER)", None),
        ("MAP(VARCHAR, INTEGER)", None),
        ("BLOB", None),
        ("DECIMAL(12,2)[]", None),
        ("ENUM('a')[]", None),
        ("", None),
    ],
)
def test_only_plain_types_stand_in_a_file(type_name: str, published: str | None) -> None:
    assert published_type(type_name) == published


def test_scale_is_the_digits_after_the_point() -> None:
    assert (decimal_scale("DECIMAL(12,2)"), decimal_scale("DOUBLE")) == (2, None)
