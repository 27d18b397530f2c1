"""Networks: architectures from simple to rich, trained, pruned and read."""
