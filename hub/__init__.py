"""The web half: hub, guard and warden. They speak HTTP to the broker and never import it."""
