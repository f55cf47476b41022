"""Who a resume is of: names, contacts, facts in a row, labels, and what they look for."""

import pytest

from intake.reading.contacts import broken_email, emails, phones
from intake.reading.names import NameReader
from intake.reading.words import words
from tests.support import each
from tests.unit.reading.reading_samples import HEAD, SCHOOL, read

WORK = "\n工作经历\n2018.03-2020.05 上海启明信息技术有限公司 工程师\n"
NAMES = NameReader(words())


@each(
    "text, name",
    [
        ("张三", "张三"),
        ("张 三", "张三"),
        ("欧阳小满", "欧阳小满"),
        ("李明的简历", "李明"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("张伟 Tony Zhang", "张伟"),
        ("Tony (张伟)", "张伟"),
        ("陳大文", "陳大文"),
        ("John Smith", "John Smith"),
        *(
            (word, "")
            for word in ("高级", "文员", "工作经历", "张家口", "Java Engineer", "方向", "成都", "连云港")
        ),
    ],
)
def test_names_are_told_from_other_words(text, name):
    assert NAMES.read(text)[0] == name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("应聘Java工程师-张三-5年", "张三"),
        ("【产品经理_上海 20-30K】李小龙 5年.pdf", "李小龙"),
        ("FW: 应聘高级会计 - 赵敏", "赵敏"),
        ("招聘网_王伟_Java开发", "王伟"),
    ],
)
def test_names_are_read_out_of_subjects(title, name):
    assert NAMES.within(title)[0] == name


@each(
    "text, number",
    [
        ("138-0013-8000", "13800138000"),
        ("手机：13800138000（微信同号）", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("0086-13800138000", "13800138000"),
        ("13800138000/13900139000", "13800138000"),
        ("+852 9123 4567", "+85291234567"),
        ("香港电话 9123 4567", "+85291234567"),
        ("台湾 0912 345 678", "+886912345678"),
        ("Tel: (021) 6234 5678", "+862162345678"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("2018.03-2020.05", None),
        ("身份证 310101199001011234", None),
        ("15000-20000", None),
        ("QQ: 12345678", None),
    ],
)
def test_phones_are_read_as_people_write_them(text, number):
    found = next(phones(text), None)
    assert (found.value if found else None) == number


def test_addresses_are_read_over_a_line_end_too():
    assert [found.value for found in emails("a.b@example.com.cn 或 x @ example.org")] == [
        "a.b@example.com.cn",
        "x@example.org",
    ]
    assert broken_email("邮箱：xiaoman.zhang@exam", "ple.com").value == "xiaoman.zhang@example.com"
    assert broken_email("邮箱：xiaoman", "@example.com").value == "xiaoman@example.com"
    assert broken_email("工作经历", "example.com") is None


@pytest.mark.parametrize(
    ("lines", "email"),
    [
        ("xiaoman@exam\nple.com", "xiaoman@example.com"),
        ("xiaoman@example.ne\nt", "xiaoman@example.net"),
        ("xiao-\nman@example.com", "xiao-man@example.com"),
        ("xiaoman@example.com\njava", "xiaoman@example.com"),
        ("java\nxiaoman@example.com", "xiaoman@example.com"),
    ],
)
def test_an_address_alone_on_two_lines_is_one(lines, email):
    record = read(f"张小满\n138 0013 8000\n{lines}\n{WORK}{SCHOOL}").record
    assert record["email"] == email


def test_a_post_in_customer_service_is_not_somebody_elses_telephone():
    record = read(f"张小满\n客服专员\n138 0013 8000\n{WORK}{SCHOOL}").record
    assert record["phone"] == "13800138000"


def test_facts_in_a_row_are_read_each():
    resume = read(f"{HEAD}{WORK}{SCHOOL}")
    record = resume.record
    assert (record["name"], record["gender"], record["age"]) == ("张小满", "男", 29)
    assert (record["work_years"], record["address"]) == ("5年", "上海")
    assert (record["phone"], record["email"]) == ("13800138000", "xiaoman@example.com")
    assert not resume.to_confirm


@pytest.mark.parametrize(
    "head",
    [
        "姓 名：赵 敏　　性 别：女\n出生年月：1995年3月\n现居住地：杭州",
        "姓名\t赵敏\t性别\t女\n出生日期\t1995-03-08\t所在地\t杭州",
        "姓名\n赵敏\n性别：女 | 年龄：30 | 居住地：杭州",
        "赵敏\n女，30岁，现居杭州",
        "个人简历\n赵敏 · 女 · 1995年3月生 · 杭州",
    ],
)
def test_labels_and_facts_say_the_same(head):
    record = read(f"{head}{WORK}").record
    assert (record["name"], record["gender"], record["age"], record["address"]) == ("赵敏", "女", 30, "杭州")


@pytest.mark.parametrize(
    "target",
    [
        "求职意向\n会计 | 苏州 | 8-10K | 全职",
        "期望职位：会计\n期望城市：苏州\n期望薪资：8-10K\n工作性质：全职",
        "求职意向：会计 / 苏州 / 8-10K / 全职",
        "求职意向\n期望职位\t会计\t期望城市\t苏州\n期望薪资\t8-10K\t工作性质\t全职",
    ],
)
def test_wishes_are_read_in_every_form(target):
    found = read(f"{HEAD}{target}{WORK}").record["job_target"]
    assert found == {
        "job_career": "会计",
        "expectation_area": "苏州",
        "salary": "8-10K",
        "job_category": "全职",
    }


def test_the_state_of_a_job_seeker_is_no_reason_for_leaving():
    record = read(f"{HEAD}在职-月内到岗\n离职原因：个人发展{WORK}").record
    assert record["job_target"]["job_hunting_state"] == "在职-月内到岗"


def test_contacts_of_others_are_not_the_persons():
    record = read(f"""
发件人: 刘顾问 <liu@hunter.example>
推荐一位候选人，联系人：13988887777
周涛
男，32岁
电话 13511112222  紧急联系人 李红 13655556666
zhoutao@example.com
{WORK}
证明人：王总 13733334444
""").record
    assert (record["phone"], record["email"]) == ("13511112222", "zhoutao@example.com")


def test_a_contact_beside_the_word_for_somebody_else_is_theirs_though_it_is_nearer():
    record = read(f"周涛\n男，32岁\n紧急联系人：李红 手机 13655556666\n13511112222\n{WORK}").record
    assert record["phone"] == "13511112222"


def test_relatives_are_left_out():
    resume = read(f"{HEAD}{WORK}\n家庭成员\n妻子\t赵丽\t苏州二中\t13655556666")
    assert "赵丽" not in resume.record.get("self_evaluation", "")


def test_nothing_about_skills_is_lost():
    record = read(f"""{HEAD}{WORK}
专业技能
熟练使用焊接机器人
项目经历
2019.01-2019.06 码头改造
证书与语言
焊工证
兴趣爱好
围棋
个人优势
吃苦耐劳
""").record
    for word in ("焊接机器人", "码头改造", "焊工证", "围棋", "吃苦耐劳"):
        assert word in record["self_evaluation"]
    assert record["self_evaluation"].startswith("吃苦耐劳")


def test_no_name_or_no_work_is_to_be_confirmed():
    assert read(f"简历\n男，30岁，电话13800138000{WORK}").to_confirm
    assert read(f"{HEAD}{SCHOOL}").to_confirm
    graduate = f"{HEAD}{SCHOOL}\n实习经历\n2017.03-2017.06 南京天成会计师事务所 审计实习生"
    assert not read(graduate).to_confirm


def test_the_name_of_the_subject_helps_out():
    resume = read(f"男，30岁，电话13800138000{WORK}", title="应聘工程师-赵敏-5年")
    assert resume.record["name"] == "赵敏"
    assert resume.confidence["name"] < 0.8
