"""The life of one process: its settings made values, its start, and how it drains and stops.

What it consists of is built in `services`; `server.py` is the command that runs one.
"""
