"""The embedded stores of one machine: a supervisor process that runs them, and how a server joins it."""
