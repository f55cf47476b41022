"""Tests of `handlers/admin/`, the operator's desk."""
