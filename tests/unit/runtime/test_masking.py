"""What of a text is a contact, in all the ways people write one, and what only looks like one."""

from hypothesis import given
from hypothesis import strategies as st

from runtime.masking import MASK, Masker
from tests.support import each

PERSON = Masker(name="林晚照", phone="13900001234", email="lin.wanzhao@example.com", qq="987654321")

CONTACTS = {
    "电话13800001111。": "电话***。",
    "电话13800001111wx:lin_wz90": "电话***wx:***",
    "13800001111vx：abc123": "***vx：***",
    "138 0000 1111": MASK,
    "138-0000-1111": MASK,
    "138.0000.1111": MASK,
    "138 00001111": MASK,
    "1380000 1111": MASK,
    "1 3 8 0 0 0 0 1 1 1 1": MASK,
    "13 80 00 01 11 1": MASK,
    "+86 13800001111": MASK,
    "+86-138-0000-1111": MASK,
    "8613800001111": MASK,
    "１３８００００１１１１": MASK,
    "一三八零零零零一一一一": MASK,
    "幺三八〇〇〇〇一一一一": MASK,
    "一三八 0000 1111": MASK,
    "138\u200b0000\u200b1111": MASK,
    "张三13800001111": "张三***",
    "张三一三八零零零零一一一一": "张三***",
    "2019.03-2021.06 13800001111": "2019.03-2021.06 ***",
    "手机：13800001111，2019年": "手机：***，2019年",
    "010-62345678": MASK,
    "0571-88889999": MASK,
    "057188889999": MASK,
    "021 6234 5678": MASK,
    "+86 10 6234 5678": MASK,
    "电话：6234 5678": "电话：***",
    "Tel: 82345678": "Tel: ***",
    "+852 9123 4567": MASK,
    "138,0000,1111": MASK,
    "138，0000，1111": MASK,
    "138*0000*1111": MASK,
    "手机：138|0000|1111": "手机：***",
    "1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣0️⃣1️⃣1️⃣1️⃣1️⃣": f"{MASK}\ufe0f\u20e3",
    "电　　话：6234 5678": "电　　话：***",
    "电话（微信同号）：6234 5678": "电话（微信同号）：***",
    "邮箱a.b@qq.com，": "邮箱***，",
    "zhangsan＠１６３．ｃｏｍ": MASK,
    "zhangsan(at)gmail.com": MASK,
    "zhangsan (at) gmail (dot) com": MASK,
    "zhangsan @ qq . com": MASK,
    "zhangsan at gmail dot com": MASK,
    "zhangsan艾特qq点com": MASK,
    "zhangsan#qq.com": MASK,
    "123456@qq.com。熟悉": "***。熟悉",
    "QQ123456": "QQ***",
    "QQ：123456789": "QQ：***",
    "qq号 12345678": "qq号 ***",
    "扣扣 12345678": "扣扣 ***",
    "QQ号码是１２３４５６７８": "QQ号码是***",
    "QQ/微信：12345678": "QQ/微信：***",
    "QQ（微信同号）：12345678": "QQ（微信同号）：***",
    "Q号：12345678": "Q号：***",
    "企鹅：12345678": "企鹅：***",
    "Q　　Q：12345678": "Q　　Q：***",
    "微信：zhangsan123": "微信：***",
    "微信号zhangsan_88": "微信号***",
    "微信 zhangsanfeng": "微信 ***",
    "VX:abc_1234": "VX:***",
    "vx zhangsan": "vx ***",
    "wx：lin-wz90": "wx：***",
    "V信 abc12345": "V信 ***",
    "薇信：linwanzhao": "薇信：***",
    "WeChat: lin_wz90": "WeChat: ***",
    "加v：linwz90": "加v：***",
    "微信(WeChat)：linwz90": "微信(WeChat)：***",
    "微信 WeChat：linwanzhao": "微信 WeChat：***",
    "微信号（WeChat ID）：linwz90": "微信号（WeChat ID）：***",
    "WeChat（微信）linwz90": "WeChat（微信）***",
    "微信WeChat linwz90": "微信WeChat ***",
    "微信（手机同号）：linwz90": "微信（手机同号）：***",
    "微　　信：linwanzhao": "微　　信：***",
    "ＶＸ：linwz90": "ＶＸ：***",
    "ＷｅＣｈａｔ：ｌｉｎｗｚ９０": "ＷｅＣｈａｔ：***",
    "薇：linwz90": "薇：***",
    "微信👉linwz90": "微信👉***",
    "微信：_linwz90": "微信：***",
    "微信(linwz1990)": "微信(***)",
    "微信：12345678": "微信：***",
    "11010519491231002X": MASK,
    "110105 19491231 002X": MASK,
    "110105-1949-12-31-002x": MASK,
    "１１０１０５１９４９１２３１００２Ｘ": MASK,
    "一一零一零五一九四九一二三一零零二X": MASK,
    "身份证110105491231002": "身份证***",
    "林晚照，女": "***，女",
    "我叫林 晚 照": "我叫***",
    "林·晚·照": MASK,
    "林\u200b晚照": MASK,
    "987 654 321": MASK,
    "LIN.Wanzhao@Example.com": MASK,
}
OTHER_TEXTS = [
    *("2019.03-2021.06", "2019-03-01 至 2021-06-30", "2017.07-2019.03 2019.03-2021.06", "2019 2020 2021"),
    *("2012-09-01 09:08:07", "2024/03/05-2025/06/07", "QQ 2019.03", "手机2019-2021年销量"),
    *("13800 users", "月薪15000-20000", "年薪150000-200000元", "15000-200000", "1.5-2万/月", "8-12K·14薪"),
    *("订单量1500000单", "日活20000000", "QQ 2000万用户", "电话销售2000000元", "日均电话200-300通"),
    *("14.0.7015.1000", "10.0.19041.1415", "192.168.100.101", "vue@3.2.1", "GB/T 19001-2016"),
    *("91110108MA01ABCD1X", "ISBN 9787115428028", "(2018)京0105民初12345号", "12345678901234567890"),
    *("3.1415926535", "0.00012345", "GPA 3.8/4.0", "1 2 3 4 5 6 7 8 9 10 11", "第一、二、三、四、五、六、七"),
    *("QQ空间", "QQ音乐2013-2015", "微信小程序", "微信JS-SDK开发", "微信 Android"),
    *("微信H5", "微信支付V3", "wx.request", "WeChat Pay", "WeChat users"),
    *("微信(WeChat)小程序", "微信 WeChat Pay", "WeChat(微信) users"),
    *("带150、2000、3000人", "小微：javascript开发"),
    *("wxPython", "VxWorks开发", "微信 OAuth2.0", "微信公众号：Python之禅", "wechat4j"),
    *("@Autowired", "npm @vue/cli", "Spring @ComponentScan. Redis", "C++ at Google", "#include <stdio.h>"),
    *("林晚", "晚照", "", "***", "某***公司", "电话***，微信：***"),
]  # fmt: skip


@each("text, masked", CONTACTS.items())
def test_a_contact_is_masked(text, masked):
    assert PERSON.mask(text) == masked == PERSON.mask(masked)
    assert PERSON.mask(f"熟悉Java。\n{text}\n三年经验") == f"熟悉Java。\n{masked}\n三年经验"


@each("text", OTHER_TEXTS)
def test_what_only_looks_like_one_stays(text):
    assert PERSON.mask(text) == text


def test_several_texts_are_masked_as_each_by_itself():
    texts = [*CONTACTS, *OTHER_TEXTS]
    assert PERSON.mask_all(texts) == [PERSON.mask(text) for text in texts]
    assert Masker().mask_all(["三年", "薪资8000-12000", "电话13800001111"]) == [
        "三年",
        "薪资8000-12000",
        "电话***",
    ]
    assert Masker().mask_all([]) == []


@each(
    "name, text, masked",
    [
        ("王强", "王强负责，王 强也参加", "***负责，***也参加"),
        (
            "Lin Zhao",
            "I am LIN ZHAO, zhao.lin and linzhao, in Linzhaoyu",
            "I am ***, *** and ***, in Linzhaoyu",
        ),
        ("张三(Tom Li)", "张三 Tom Li", "*** ***"),
        ("买买提·艾力", "买买提艾力，买买提·艾力", "***，***"),
        ("王", "王先生，姓王", "王先生，姓王"),
        ("匿名", "匿名投票系统", "匿名投票系统"),
        ("张**", "张三", "张三"),
        ("张 三", "张三说，张　三", "***说，***"),
        ("王 小明", "王小明和小明", "***和***"),
        ("欧阳 娜娜", "欧阳娜娜", "***"),
        ("张三 女", "张三，女", "***，女"),
        ("张三丰先生", "张三丰", "***"),
        ("张先生", "张先生，先生", "***，先生"),
        ("Go", "Go语言，Google，go", "***语言，Google，***"),
    ],
)
def test_a_name_is_masked_however_it_is_spaced(name, text, masked):
    assert Masker(name=name).mask(text) == masked


def test_what_is_known_of_a_person_is_masked_in_forms_that_nobody_else_has():
    known = Masker(phone="+49 151 2345 678", email="odd address@host", qq="123456")
    assert known.mask("49 1512345678") == MASK
    assert known.mask("mail: Odd Address@Host!") == "mail: ***!"
    for phone, written in (
        ("+852 9123 4567", "9123 4567"),
        ("+886912345678", "0912-345-678"),
        ("+861062345678", "6234 5678"),
        ("010-62345678", "62345678"),
    ):
        assert Masker(phone=phone).mask(f"{written}，8年") == f"{MASK}，8年"
    assert Masker(phone="13900001234").mask("00001234") == "00001234"
    assert known.mask("号123456，共1234567个") == "号***，共1234567个"
    assert Masker(qq="12345").mask("薪资12345") == "薪资12345"


@given(st.text(alphabet="1380〇一三八 -.+@qQ微信xX:林晚照a_()*\n", max_size=60))
def test_any_text_is_masked_and_twice_is_as_once(text):
    masked = PERSON.mask(text)
    assert PERSON.mask(masked) == masked
    assert len(masked) <= len(text) + 3 * text.count("") + 3
