"""Tests of `process/`: whole servers, as an operator starts them."""
