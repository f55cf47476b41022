"""Previews: what a form would match."""
