"""The servers of these tests are processes, as those of the integration tests."""

from tests.integration.conftest import start

__all__ = ["start"]
