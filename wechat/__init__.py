"""WeChat's servers: who is it that sent a code, and messages to those who want them.

    wechat = Wechat(apps, stores.app_tokens, metrics)
    who = await wechat.identity_of("mini", code)        # an Identity, "snapshot" or "outsider"
    await wechat.mini.send(openid, values, page="pages/feeds/feeds")

`http.py` makes one call, `errors.py` says what its refusals mean, `tokens.py` keeps an app's token, and
`mini.py`, `official.py` and `wecom.py` have the calls of each kind of app. Whose account an
identity opens does not live here: that is `store/accounts/identities.py` and `handlers/wechat/`. Nor does
when a message is due.

Secrets travel in URLs, as WeChat wants it. So no URL, and no text of WeChat's own, which may quote one, ever
stands in an error or in the log.
"""
