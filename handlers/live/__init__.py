"""The WebSocket `/special_feed/ws/`: frames, the connections of this process, and what feeds them.

`socket` is the endpoint, `frames` what goes over it. `hub` keeps all connections of the process, `channel`
those of one account, and `writer` is one of them. Plain HTTP is answered by the other files of `handlers`.
"""
