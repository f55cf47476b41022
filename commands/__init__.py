"""What operators do from a shell, one file a subject. `manage.py` puts the commands together.

Settings are not read here: `manage.py` reads them and hands them down. What a command does to stored
documents lives in `store`, what it scores or learns in `engine`. What runs around the servers is in `ops`.
"""
