"""From what arrives to stored resumes: lines of NDJSON, the ingest record, and uploads in batches.

    upload = Upload(Storing(stores.resumes, stores.feeds, stores.queue, wake))
    splitter = LineSplitter(MAX_LINE_BYTES)
    async for chunk in source:
        await upload.take(splitter.feed(chunk))
    await upload.take(splitter.finish())
    await upload.flush()
    print(upload.counts, upload.rejected)

`POST /resumes/` and `manage.py import` work like this; files come in by `filing`, and mails by `mailbox`. A
line that cannot be taken raises `InvalidFields` of `runtime.decoding`. Nothing here knows HTTP, and nothing
here scores: that is the engine's.
"""
