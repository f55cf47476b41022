"""Resumes that come by mail: a mailbox is read over IMAP, and each mail marked once all of it is stored.

    mailbox = Mailbox(Address.of(url, "INBOX"), filing=filing, notes=stores.mailboxes, …)
    await mailbox.run()

The mailbox itself is the list of what is left to do: a mail without our mark is one that was not taken yet
(`connection`). So nothing is lost when this process dies at any point, and a mail that was stored but not
marked is a duplicate when it comes again. What a mail holds is read and stored by the code that files take
which come over HTTP; here is only the way to it.
"""
