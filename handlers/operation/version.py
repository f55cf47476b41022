"""The version of the application, as its description and the operator's desk tell it."""

VERSION = "1.0.0"
