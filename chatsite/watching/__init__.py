"""What an operator's programs see of this process: whether it lives, can serve, and how much."""
