"""Files as they came: originals, tables, mailboxes, and what was refused."""
