"""The embedded stores of one machine: a supervisor process that runs them, and how a server joins it.

No collection, query or key lives here: those are in `store`, which asks these stores as it asks any
MongoDB and Redis.
"""
