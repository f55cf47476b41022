"""Settings, option lists, lexicon and demo data.

Imported by `process`, `server.py` and `manage.py` alone, which hand down what they read as values.
"""
