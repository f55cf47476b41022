"""The operator's desk: what operators do from a browser instead of a shell.

Who may is decided in one place (`ApiHandler.check_operator`), by the role that a handler names. What is done
here is done by the same code as by `manage.py`, which lives in `store`, `intake` and `mail`.
"""
