"""Tests of `handlers/wechat/`."""
