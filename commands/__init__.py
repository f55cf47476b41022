"""What operators do from a shell, one file a subject. `manage.py` puts the commands together.

`manage.py` reads the settings, which are `context.obj` from then on. What a command does to stored documents
lives in `store`, what it scores or learns in `engine`. What runs around the servers is in `ops`.
"""
