"""The audit: who was shown what of whom, in chains of rows that nobody can change unseen.

`audit` writes rows, `chain` appends them, `rows` says what one is. `check` finds what was tampered with,
`history` reads, `retention` ends old rows.
"""
