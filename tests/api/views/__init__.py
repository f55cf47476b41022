"""Tests of `handlers/views/`: what is shown of a resume, wherever it is."""
