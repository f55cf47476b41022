"""Coming in by WeChat, in a mini-program or on the page, and what of WeChat opens an account.

| file | what |
|---|---|
| `asking.py` | who a code is of, as often as an address may be wrong about it |
| `login.py` | a code, or an exchange code, for a session or a ticket |
| `browser.py` | the page's way through WeChat, and back with an exchange code |
| `states.py` | what binds that way to one browser |
| `ways.py` | binding, unbinding, and what is bound |

WeChat itself is asked by `wechat/`; which account an identity opens is kept in
`store/accounts/identities.py`.
"""
