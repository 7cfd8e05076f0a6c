"""What things are: people, datasets, contracts, decisions, audit. Standard library only, no I/O."""
