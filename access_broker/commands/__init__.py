"""What the commands of `amanat` do. cli.py only names them."""
