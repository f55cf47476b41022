"""HTTP and WebSocket: `routes.py` is the table of contents, one file a resource."""
