"""Lines that were not taken, in their order."""

from intake.upload import Rejections

MISSING = {"source_id": ["必填"]}


def test_they_come_in_the_order_of_their_lines_whenever_they_were_refused():
    found = Rejections()
    found.add(2, MISSING)
    found.add(7, {"line": ["一行不能超过"]})
    found.add(3, {}, is_late=True, is_erased=True)
    found.add(9, {"send_to": ["没有"]}, is_late=True)
    assert [(one.line, one.errors, one.is_erased) for one in found] == [
        (2, MISSING, False),
        (3, {}, True),
        (7, {"line": ["一行不能超过"]}, False),
        (9, {"send_to": ["没有"]}, False),
    ]
    assert len(found) == 4
    assert not Rejections()
