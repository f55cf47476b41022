"""From a posting as people paste it to the fields of a feed's form, each with the piece it was read from.

    reader = PostingReader(analyzer, options)
    read = reader.read(text)      # read.title, read.sources["title"], …; what is not there is left out

`words` has the headings and labels of postings, `lines` makes lines of a text, `parts` puts them under
their headings, `facts` reads short pieces (pay, degree, years, places) and `finding` says where they are
looked for, `titles` finds the title, and `posting` puts it all together. What words mean is known to the
engine's own readers. Pure: no store, no clock, no file.
"""

from intake.posting.posting import FormOptions, PostingReader, ReadPosting

__all__ = ["FormOptions", "PostingReader", "ReadPosting"]
