#!/usr/bin/env bash
# Everything that can be said about the tree without running it. All checks run even when one fails, and the last line
# names the ones that did, so that one reading is enough.
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PWD/.tools/bin:$PWD/.venv/bin:$PATH"
failed=()

check() { # check NAME COMMAND...
    local name=$1
    shift
    printf -- '--- %s\n' "$name"
    "$@" || failed+=("${name%% (*}")
}

rego() { # the schemas, where there are any, type the inputs
    local schemas=()
    [ -d policies/schemas ] && schemas=(--schema policies/schemas)
    opa check --strict "${schemas[@]}" policies
}

rego_coverage() { # its report is thousands of lines of JSON, its verdict one line on stderr
    opa test --coverage --threshold 95 policies >/dev/null || { echo "see: opa test --coverage policies" && return 1; }
}

check "formatting (mend with: ruff format .)" ruff format --check .
check "lint" ruff check .
check "types" mypy
check "types of the scripts" mypy scripts
check "import directions" lint-imports --no-logo
check "rego" rego
check "rego formatting (mend with: opa fmt --write policies)" opa fmt --fail --list policies
check "rego tests" opa test --fail-on-empty policies
check "rego coverage" rego_coverage
check "generated docs" python scripts/generate_docs.py --check
check "translations" python scripts/check_translations.py

if [ ${#failed[@]} -gt 0 ]; then
    printf 'check: failed: %s\n' "$(IFS=,; echo "${failed[*]}")"
    exit 1
fi
echo "check: all good"
