"""A form with files arrives in any pieces; what is wrong with it is named, and no file of it is left."""

import asyncio
import gc
import os
import time

import pytest

from handlers.api.multipart import MAX_FILES, MultipartForm, boundary_of, clean_name
from runtime.decoding import InvalidFields

BOUNDARY = "----一".encode().hex()
FORMS: list[MultipartForm] = []


@pytest.fixture(autouse=True)
def closed():
    yield
    while FORMS:
        FORMS.pop().close()


def part(name, content=b"", filename=None, more=""):
    head = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        head += f'; filename="{filename}"'
    return f"--{BOUNDARY}\r\n{head}{more}\r\n\r\n".encode() + content + b"\r\n"


def body(*parts):
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


async def parsed(tmp_path, data, *, step=65536, most=1000):
    form = MultipartForm(BOUNDARY.encode(), tmp_path, most)
    FORMS.append(form)
    for start in range(0, len(data), step):
        await form.feed(data[start : start + step])
    form.finish()
    return form


def errors_of(tmp_path, data, **how):
    with pytest.raises(InvalidFields) as caught:
        asyncio.run(parsed(tmp_path, data, **how))
    return dict(caught.value.errors)


def only_name(tmp_path, filename, more=""):
    form = asyncio.run(parsed(tmp_path, body(part("file", b"x", filename, more))))
    (file,) = form.files
    return file.name


@pytest.mark.parametrize("step", [1, 7, 65536])
def test_fields_and_files_arrive_in_any_pieces(tmp_path, step):
    async def check():
        content = bytes(range(256)) * 3 + f"\r\n--{BOUNDARY[:-1]}".encode()  # all but a boundary
        data = body(
            part("source", "前程无忧".encode()), part("file", content, "一.pdf"), part("file", b"", "二.docx")
        )
        form = await parsed(tmp_path, data, step=step)
        assert form.fields == [("source", "前程无忧")]
        assert [(file.name, file.size) for file in form.files] == [("一.pdf", len(content)), ("二.docx", 0)]
        assert [await file.read() for file in form.files] == [content, b""]
        assert os.listdir(tmp_path) == []  # it has no name on the disk

    asyncio.run(check())


def test_a_file_that_is_too_long_is_cut_and_the_others_go_on(tmp_path):
    async def check():
        data = body(part("file", b"a" * 1001, "a"), part("file", b"b" * 1000, "b"))
        form = await parsed(tmp_path, data, step=100)
        assert [file.is_too_long for file in form.files] == [True, False]
        assert [await file.read() for file in form.files] == [b"", b"b" * 1000]

    asyncio.run(check())


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "body"),
        (b"not a form", "body"),
        (body(part("source", b"x"))[:-8], "body"),
        (part("file", b"half", "a.pdf"), "body"),
        (b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition: attachment\r\n\r\n\r\n", "body"),
        (b"--" + BOUNDARY.encode() + b"\r\nX: " + b"y" * 10_000 + b"\r\n\r\n", "body"),
        (body(part("file", b"no name")), "file"),
        (body(part("file", b"", "")), "file"),
        (body(*[part("file", b"x", "a.pdf")] * (MAX_FILES + 1)), "file"),
        (body(part("resume", b"x", "a.pdf")), "resume"),
        (body(part("source", "来源".encode("gbk"))), "source"),
        (body(part("send_to", b"x" * 20_000)), "send_to"),
        (body(*[part(f"f{n}", b"x") for n in range(21)]), "body"),
        (part("file", b"x", "PLACE").replace(b"PLACE", b"\xff\xff"), "file"),
        (body(part("file", b"x", "a", "; filename*=utf-8''%ff")), "file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, data, field):
    errors = errors_of(tmp_path, data)
    assert errors.keys() == {field}
    assert all(ord(text[0]) >= 0x4E00 for text in errors[field])


@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ("张三的简历.pdf", "张三的简历.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\\\Users\\\\张三\\\\简历.doc", "简历.doc"),
        ('a\\"b.pdf', 'a"b.pdf'),
        ("a%22b.pdf", 'a"b.pdf'),
        ("a; b=c.pdf", "a; b=c.pdf"),
        ("..", ".."),
        ("长" * 300, "长" * 200),
        ("简历\u202efdp.exe", "简历fdp.exe"),
        (" a\tb\0.pdf ", "ab.pdf"),
        ("/", "file"),
    ],
)
def test_names_lose_folders_and_tricks(tmp_path, filename, kept):
    assert only_name(tmp_path, filename) == kept


def test_a_name_may_be_in_the_encoding_of_a_chinese_windows(tmp_path):
    data = body(part("file", b"x", "PLACE").replace(b"PLACE", "张三的简历.pdf".encode("gbk")))
    assert [file.name for file in asyncio.run(parsed(tmp_path, data)).files] == ["张三的简历.pdf"]


def test_a_name_may_be_in_the_form_of_rfc_5987(tmp_path):
    more = "; filename*=UTF-8''%E7%AE%80%E5%8E%86.pdf"
    assert only_name(tmp_path, "jianli.pdf", more) == "简历.pdf"
    assert only_name(tmp_path, None, more) == "简历.pdf"
    assert clean_name("") == "file"


@pytest.mark.parametrize(
    "kind", ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=x"]
)
def test_another_body_is_no_form(kind):
    with pytest.raises(InvalidFields):
        boundary_of(kind)


def test_a_boundary_may_be_quoted_and_no_longer_than_a_line():
    assert boundary_of('multipart/form-data; boundary="a b"') == b"a b"
    with pytest.raises(InvalidFields):
        MultipartForm(b"x" * 10_000, "/", 1)


def test_no_form_holds_the_loop(tmp_path):
    """The dearest bytes for the parser are line ends and beginnings of boundaries."""

    async def check():
        longest = 0.0

        async def watch():
            nonlocal longest
            while True:
                began = time.thread_time()
                await asyncio.sleep(0)
                longest = max(longest, time.thread_time() - began)

        watching = asyncio.create_task(watch())
        boundary = f"\r\n--{BOUNDARY[:-1]}".encode()
        for content in (b"\r" * 200_000, b"\n" * 200_000, boundary * 5000, b"\r\n" * 100_000):
            form = await parsed(tmp_path, body(part("file", content, "a")), most=10**6)
            assert form.files[0].size == len(content)
        watching.cancel()
        return longest

    gc.disable()  # a look through all objects of the tests is none of the parser's work
    try:
        longest = asyncio.run(check())
    finally:
        gc.enable()
    assert longest < 0.02  # of this thread's own time, so that a busy machine does not count


def test_a_form_in_any_bytes_is_taken_or_refused(tmp_path):
    good = body(part("source", b"x"), part("file", b"content", "a.pdf"))
    for at in range(0, len(good), 3):
        for byte in (b"\r", b"-", b"\0", b"\xff", b'"'):
            try:
                asyncio.run(parsed(tmp_path, good[:at] + byte + good[at + 1 :]))
            except InvalidFields:
                continue
