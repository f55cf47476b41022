"""What ends by itself, and what operators must hear of."""
