"""Letters: the activation link, the letter that carries it, and the task that sends what is due.

Which letters are due does not live here: see `store.accounts.letters`. The endpoint that a link leads to is
`handlers/accounts/activation.py`.
"""
