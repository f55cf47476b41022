"""`make bench-intake`: how well files of resumes are read, and pasted postings.

`made_up_files` writes resumes of which is known what is true, `measures` says when a fact was read right, and
`same_feeds` whether a resume from a file finds the feeds that it should. `postings` is a command of its own.
How fast a server takes resumes in is measured in `bench.load`.
"""
