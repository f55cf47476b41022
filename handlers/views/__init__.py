"""What answers show of a resume, a candidate and an entry of a list, and how a page of them is written.

No URL is answered here.
"""
