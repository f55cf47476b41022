"""Made-up resumes as files, beside what is true of each: the examiner of `intake`.

    for truth, data in made_up_files(LAYOUTS, each=2):
        truth.file, truth.record

Nobody in here exists. A person is drawn (`person`), gets a hand of their own, that is how they spell labels,
dates and headings (`hand`), and is written down in a layout (`layouts`). Everything follows from the seed.
Nothing of `intake` is imported: an examiner who knew how it reads would only ask what it can answer.

    python -m tests.made_up_files    # makes them up, and measures how well `intake` reads them
"""
