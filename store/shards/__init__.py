"""How data and work are divided: shard keys, parts of collections, shares of scorers."""
