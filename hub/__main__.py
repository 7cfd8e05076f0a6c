"""`python -m hub`: JupyterHub as it is, with a start that is some seconds shorter.

Where the package `rfc3987_syntax` is installed, jsonschema has it compile a grammar, for a format that no schema of the
hub names. It is passed over.
"""

from __future__ import annotations

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from jupyterhub.app import main  # noqa: E402 - only after the line above

if __name__ == "__main__":
    main()
