"""The tests of this folder share a server, and a double of WeChat, for each file."""

from tests.api.wechat_scene import api, current, hr, io_loop, server, wechat, world

__all__ = ["api", "current", "hr", "io_loop", "server", "wechat", "world"]
