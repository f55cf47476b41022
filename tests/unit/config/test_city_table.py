"""The page's table of cities and their sounds has the cities that the form offers."""

import re
from pathlib import Path

from config.data import load_options

TABLE = Path(__file__).resolve().parents[3] / "web" / "src" / "text" / "cities.ts"


def test_every_city_of_the_form_has_its_sounds_in_the_table():
    rows = "".join(re.findall(r'^  "(.*)"[ +;]*$', TABLE.read_text("utf-8"), re.MULTILINE)).split("|")
    found = dict(row.split(" ", 1) for row in rows)
    offered = {city["name"]: city for province in load_options()["areas"] for city in province["cities"]}
    assert found.keys() == offered.keys()
    assert all(re.fullmatch(r"[a-z]+( [a-z]+)*", sounds) for sounds in found.values())
    # Most cities have their sounds as a name that people type; these have another spelling.
    different = {
        "拉萨",
        "香港",
        "昌都",
        "那曲",
        "阿克苏",
        "喀什",
        "和田",
        "澳门",
        "台北",
        "高雄",
        "台中",
        "新竹",
    }
    for name in found.keys() - different:
        latin = [alias for alias in offered[name]["aliases"] if re.fullmatch(r"[a-z]+", alias)]
        assert not latin or found[name].replace(" ", "") in latin, name
