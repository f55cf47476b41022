"""Settings, option lists, lexicon and demo data. Read by `server.py` and `manage.py` alone."""
