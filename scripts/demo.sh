#!/usr/bin/env bash
# The whole system with the demo's data and people, in the foreground. Every run starts afresh, in .state/demo; Ctrl-C
# stops everything. PORT_BASE names the first port when the usual ones are taken.
set -euo pipefail
cd "$(dirname "$0")/.."

state=.state/demo
amanat=.venv/bin/amanat
person=sara
contract=support-1
question="SELECT province, count(*) AS people, avg(weeks_worked) AS weeks FROM citizens GROUP BY province"
system=

say() { echo "demo: $*" >&2; }
die() {
    say "$*"
    exit 1
}

# The system inherits the lock, so that a demo whose shell was killed still counts as running and keeps its state.
mkdir -p .state
exec 9>.state/demo.lock
flock -n 9 || die "another demo runs in this folder; stop it first."

stop() {
    trap - EXIT INT TERM HUP
    [ -z "$system" ] && exit "$1"
    say "stopping"
    kill -TERM "$system" 2>/dev/null || true
    wait "$system" 2>/dev/null || true
    exit "$1"
}
trap 'stop $?' EXIT
trap 'stop 0' INT TERM HUP

.venv/bin/python datasets/demo/prepare.py

# Neither is needed for queries: what cannot be had is told with its remedy, and `amanat up` leaves it out.
if scripts/docker.sh; then scripts/sandbox-image.sh >/dev/null || true; fi

# A demo that was killed may have left homes mounted below its state.
[ -d "$state" ] && "$amanat" clear --state "$state"
rm -rf --one-file-system "$state"
(umask 077 && mkdir -p "$state"/sources/{welfare,statistics}) # what stewards register goes to their own organisation's
# In a session of its own, so that Ctrl-C reaches this script only, which then ends the system in good order.
setsid "$amanat" up --state "$state" --port-base "${PORT_BASE:-24700}" \
    --ready-file "$state/ready.json" </dev/null &
system=$!
for _ in $(seq 450); do
    [ -s "$state/ready.json" ] && break
    kill -0 "$system" 2>/dev/null || { system= && die "the system did not start; the reason is above."; }
    sleep 0.2
done
[ -s "$state/ready.json" ] || die "the system did not answer within 90 seconds."

"$amanat" load datasets/demo/scenario.yaml --state "$state"

logins=
for login in sara farhad maryam leila dariush mina; do
    password=$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(9))')
    echo "$password" | "$amanat" passwd "$login" --state "$state" >/dev/null 2>&1 || die "no password could be set for $login."
    logins+=$(printf '    %-8s %s' "$login" "$password")$'\n'
done
token=$("$amanat" token "$person" --contract "$contract" --state "$state")
address() { .venv/bin/python -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$state/ready.json" "$1"; }

web=$(address hub)
[ "$web" = None ] && web="not here; \`$amanat doctor\` says what is missing"

cat <<END

Amanat is running. Ctrl-C stops it.         امانت در حال اجراست؛ برای توقف Ctrl-C را بزنید.

  sign in with a browser    $web
  data (Arrow Flight SQL)   $(address flight_sql)
  REST                      $(address api)

  People and their passwords, made for this run:
$logins
    sara is an executor, farhad sits on the Monitoring Committee, maryam on the Qualification Committee,
    leila is a data steward, dariush the operator, mina an auditor. sara starts a notebook; farhad cuts it.

  As $person under $contract, from any Python with pandas and the ADBC Flight SQL driver, such as .venv/bin/python:

import adbc_driver_flightsql.dbapi as flight_sql, pandas
connection = flight_sql.connect("$(address flight_sql)", db_kwargs={"adbc.flight.sql.authorization_header": "Bearer $token"}, autocommit=True)
print(pandas.read_sql("$question", connection))

  What was not granted is not there, and the refusal says what to do instead:

$amanat query "SELECT national_id, wage_per_hour FROM citizens" --as $person --contract $contract --state $state

  The committee cuts, and the same question is refused from then on:

$amanat cut --contract $contract --by farhad --ground F-13 --state $state

END
wait "$system" || die "the system stopped unexpectedly; see the reason above."
