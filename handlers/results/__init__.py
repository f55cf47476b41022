"""Who fits: a feed's list with its filters, one entry of it, its numbers, and the list as a file."""
