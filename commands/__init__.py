"""What operators do from a shell, one file a subject. `manage.py` puts the commands together."""
