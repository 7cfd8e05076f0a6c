"""`python -m access_broker` is `amanat`."""

from access_broker.cli import main

main()
