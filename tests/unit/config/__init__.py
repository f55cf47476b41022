"""Tests of `config/`: settings, option lists, the lexicon's tables and the demo."""
