"""Settings, option lists, lexicon and demo data.

Imported by `server.py` and `manage.py` alone, which hand down what they read as values.
"""
