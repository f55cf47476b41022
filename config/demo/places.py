"""Cities, schools and invented employers."""

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class City:
    """A city. `pay` multiplies salaries, `weight` is how many people live there."""

    name: str
    province: str
    districts: tuple[str, ...]
    pay: float
    weight: int


CITIES: Final[dict[str, City]] = {
    name: City(name, province, tuple(districts.split()), pay, weight)
    for name, province, districts, pay, weight in (
        ("北京", "北京", "海淀区 朝阳区 丰台区 昌平区 通州区", 1.35, 10),
        ("上海", "上海", "浦东新区 徐汇区 闵行区 杨浦区 嘉定区", 1.35, 10),
        ("广州", "广东", "天河区 番禺区 白云区 海珠区", 1.15, 7),
        ("深圳", "广东", "南山区 福田区 宝安区 龙岗区", 1.3, 8),
        ("杭州", "浙江", "滨江区 余杭区 西湖区 萧山区", 1.2, 7),
        ("南京", "江苏", "江宁区 鼓楼区 栖霞区", 1.1, 5),
        ("苏州", "江苏", "工业园区 吴中区 昆山市", 1.1, 5),
        ("成都", "四川", "高新区 武侯区 双流区 成华区", 1.0, 6),
        ("武汉", "湖北", "洪山区 江汉区 武昌区", 1.0, 5),
        ("重庆", "重庆", "渝北区 南岸区 沙坪坝区", 0.95, 5),
        ("西安", "陕西", "雁塔区 高新区 未央区", 0.95, 5),
        ("天津", "天津", "南开区 滨海新区 河西区", 0.95, 4),
        ("郑州", "河南", "金水区 中原区 郑东新区", 0.9, 4),
        ("长沙", "湖南", "岳麓区 芙蓉区 雨花区", 0.95, 4),
        ("青岛", "山东", "市南区 崂山区 黄岛区", 0.95, 3),
        ("济南", "山东", "历下区 历城区 槐荫区", 0.9, 3),
        ("宁波", "浙江", "鄞州区 海曙区 北仑区", 1.05, 3),
        ("合肥", "安徽", "蜀山区 包河区 高新区", 0.95, 3),
        ("厦门", "福建", "思明区 湖里区 集美区", 1.05, 3),
        ("福州", "福建", "鼓楼区 仓山区 台江区", 0.95, 2),
        ("无锡", "江苏", "滨湖区 新吴区 梁溪区", 1.05, 3),
        ("东莞", "广东", "南城街道 长安镇 松山湖", 1.0, 3),
        ("佛山", "广东", "南海区 顺德区 禅城区", 1.0, 2),
        ("沈阳", "辽宁", "和平区 浑南区 铁西区", 0.85, 2),
        ("大连", "辽宁", "高新园区 沙河口区 甘井子区", 0.9, 2),
        ("哈尔滨", "黑龙江", "南岗区 道里区 松北区", 0.8, 2),
        ("昆明", "云南", "五华区 官渡区 呈贡区", 0.85, 2),
        ("南昌", "江西", "红谷滩区 青山湖区", 0.85, 2),
        ("石家庄", "河北", "长安区 裕华区", 0.85, 2),
        ("贵阳", "贵州", "观山湖区 云岩区", 0.85, 1),
    )
}

# Universities by standing; a person's schooling and luck decide from which shelf the school comes.
TOP_SCHOOLS: Final = (
    "清华大学", "北京大学", "浙江大学", "复旦大学", "上海交通大学", "南京大学", "武汉大学",
    "华中科技大学", "中山大学", "西安交通大学", "四川大学", "哈尔滨工业大学", "同济大学", "东南大学",
    "厦门大学", "中南大学", "华南理工大学", "天津大学", "山东大学", "重庆大学",
)  # fmt: skip
GOOD_SCHOOLS: Final = (
    "北京交通大学", "上海大学", "苏州大学", "郑州大学", "合肥工业大学", "武汉理工大学",
    "西南财经大学", "暨南大学", "南昌大学", "福州大学", "云南大学", "河海大学", "上海财经大学",
    "中南财经政法大学", "西安电子科技大学", "北京邮电大学", "大连海事大学", "贵州大学",
)  # fmt: skip
PLAIN_SCHOOLS: Final = (
    "杭州电子科技大学", "浙江工商大学", "江苏大学", "青岛大学", "湖北工业大学", "重庆邮电大学",
    "广东工业大学", "长沙理工大学", "河南工业大学", "沈阳工业大学", "天津商业大学", "江西财经大学",
    "安徽财经大学", "西安工业大学", "成都理工大学", "上海工程技术大学", "宁波大学", "山东财经大学",
    "河北经贸大学", "广州大学",
)  # fmt: skip
MEDICAL_SCHOOLS: Final = (
    "南方医科大学", "重庆医科大学", "安徽医科大学", "温州医科大学", "南京医科大学", "天津医科大学",
)  # fmt: skip
COLLEGES: Final = (
    "深圳职业技术学院", "金华职业技术学院", "无锡职业技术学院", "武汉职业技术学院",
    "长沙民政职业技术学院", "浙江金融职业学院", "广州番禺职业技术学院", "成都航空职业技术学院",
    "山东商业职业技术学院", "陕西工业职业技术学院", "南京工业职业技术学院", "天津职业大学",
    "郑州铁路职业技术学院", "安徽职业技术学院", "江西应用技术职业学院",
)  # fmt: skip
MEDICAL_COLLEGES: Final = (
    "上海健康医学院", "四川护理职业学院", "山东医学高等专科学校", "湖北中医药高等专科学校",
)  # fmt: skip

_STEMS: Final = (
    "云栖禾", "青橡", "拓岳", "锦帆", "星屿", "和畅", "远图", "木棠", "启泽", "博澜", "安禾",
    "汇川岭", "晨曜", "鼎砚", "九澄", "瑞桉", "蓝枫", "宏苇", "同舟里", "思葵", "北辰溪", "润棉",
    "联拓", "恒屹", "天禧坊", "明筑", "优檬", "百谷", "银杏树", "华岑", "佳柚", "领川", "易帆",
    "金石桥", "康沐", "德馨园", "海棠湾", "大榕树",
)  # fmt: skip
_SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "tech": (
        "{city}{stem}科技有限公司",
        "{stem}网络技术（{city}）有限公司",
        "{city}{stem}信息技术股份有限公司",
    ),
    "any": (
        "{city}{stem}贸易有限公司",
        "{city}{stem}实业有限公司",
        "{stem}食品（{city}）有限公司",
        "{city}{stem}科技有限公司",
    ),
    "audit": ("{stem}会计师事务所{city}分所", "{city}{stem}税务师事务所"),
    "bank": ("{city}{stem}村镇银行", "{stem}财富管理{city}分公司"),
    "law": ("{stem}律师事务所", "{city}{stem}集团有限公司"),
    "shop": ("{city}{stem}电子商务有限公司", "{stem}服饰（{city}）有限公司", "{city}{stem}家居用品有限公司"),
    "media": ("{city}{stem}文化传媒有限公司", "{stem}广告（{city}）有限公司"),
    "design": ("{city}{stem}设计有限公司", "{stem}品牌策划（{city}）有限公司", "{city}{stem}科技有限公司"),
    "property": ("{stem}房产经纪{city}分公司", "{city}{stem}置业有限公司"),
    "retail": ("{stem}百货{city}店", "{city}{stem}服装专卖店", "{stem}便利店{city}区域"),
    "school": ("{city}{stem}外国语学校", "{stem}教育科技（{city}）有限公司"),
    "nursery": ("{city}{stem}幼儿园", "{stem}双语幼儿园{city}园"),
    "hospital": ("{city}{stem}医院", "{city}{stem}妇儿医院", "{stem}大药房{city}门诊部"),
    "pharma": ("{stem}制药有限公司", "{city}{stem}医疗器械有限公司"),
    "kitchen": ("{stem}餐饮管理（{city}）有限公司", "{city}{stem}酒楼"),
    "hotel": ("{city}{stem}大酒店", "{stem}商务酒店{city}店"),
    "factory": (
        "{city}{stem}机械有限公司",
        "{stem}精密制造（{city}）有限公司",
        "{city}{stem}自动化设备有限公司",
    ),
    "building": ("{stem}建设集团有限公司", "{city}{stem}建筑工程有限公司"),
    "logistics": ("{city}{stem}物流有限公司", "{stem}供应链管理（{city}）有限公司"),
}


def draw_city(rng: Random) -> City:
    """Draw a city, the large ones more often."""
    cities = list(CITIES.values())
    return rng.choices(cities, weights=[city.weight for city in cities])[0]


def draw_company(rng: Random, employer: str, city: str) -> str:
    """Make up an employer of a kind (a key of the shapes above) in a city."""
    return rng.choice(_SHAPES[employer]).format(city=city, stem=rng.choice(_STEMS))


def write_address(rng: Random, city: City) -> str:
    """Write a home address the way one of several people would."""
    district = rng.choice(city.districts)
    shapes = [
        city.name,
        city.name,
        f"{city.name}-{district}",
        f"{city.name}市{district}",
        f"{city.name} {district}",
    ]
    if city.province != city.name:
        shapes.append(f"{city.province}省{city.name}市")
    return rng.choice(shapes)
