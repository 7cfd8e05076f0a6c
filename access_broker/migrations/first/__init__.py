"""What the first revision makes. It stands as it was released: later changes are later revisions."""
