"""Letters: the activation link, the letter that carries it, and the task that sends what is due.

Which letters are due does not live here: it stands in the accounts, see `store.accounts.accounts`. The
endpoint that a link leads to is `handlers/accounts/activation.py`.
"""
