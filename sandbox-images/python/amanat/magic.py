"""Notebook manners: %%sql, and refusals shown as the sentence they are instead of a traceback."""

from __future__ import annotations

from typing import Any

import amanat
from amanat.refusals import sentence


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython in every kernel of a sandbox. The libraries are imported at the first use, not here."""
    shell.register_magic_function(_sql, magic_kind="line_cell", magic_name="sql")
    shell.set_custom_exc((Exception,), _show)


def _sql(line: str, cell: str | None = None) -> Any:
    """`%sql SELECT …`, or a cell of SQL below `%%sql [NAME]`: the answer as a DataFrame, kept as NAME if given."""
    import pandas
    from IPython.core.error import UsageError
    from IPython.core.getipython import get_ipython

    name, statement = ("", line) if cell is None else (line.strip(), cell)
    if name and not name.isidentifier():
        raise UsageError(f"%%sql is followed by nothing or by one name for the answer, and {name!r} is no name.")
    with amanat.connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement.strip())
        answer: pandas.DataFrame = cursor.fetch_df()
    if name:
        get_ipython().user_ns[name] = answer
    return answer


def _show(shell: Any, kind: type[BaseException], value: BaseException, trace: Any, tb_offset: int | None = None) -> Any:
    """IPython's handler of uncaught errors: one sentence for a refusal, the usual traceback for anything else."""
    text = sentence(value) or (str(value) if isinstance(value, amanat.Refused) else "")
    lines = [text] if text else shell.InteractiveTB.structured_traceback(kind, value, trace, tb_offset=tb_offset)
    shell._showtraceback(kind, value, lines)
    return lines
