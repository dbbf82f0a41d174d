"""What is known of an instance before a solver begins: reductions."""
