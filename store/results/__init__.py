"""Results: each feed's list, its counts and its statistics."""
