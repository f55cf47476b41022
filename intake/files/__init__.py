"""From the bytes of a file to what it says and where: PDF, Word, web pages, mails, RTF, texts, pictures.

    reader = FileReader(workers=1)
    for outcome in await reader.read("resume.pdf", data):
        print(outcome.record or outcome.refusal)

Bytes of strangers are read in a child process, which may be killed at any moment (`reader`, `child`). There a
file's kind is told by its bytes (`sniff`), its text becomes blocks (`document`), and `intake.reading` makes a
resume of these. A file may hold several: a mail has one an attachment.
"""
