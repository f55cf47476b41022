"""The WebSocket `/special_feed/ws/`: frames, the connections of this process, and what feeds them.

`socket` is the endpoint, `frames` what goes over it, `hub` keeps all connections of the process, `channel`
those of one account. Nothing here answers plain HTTP: that is `handlers/api` and the files above.
"""
