"""What is no resume, and what is one though it looks otherwise."""

import pytest

from intake.reading import read_resume
from tests.support import each
from tests.unit.reading.reading_samples import document, read

ADVERT = """
招聘Java工程师
岗位职责：
1、负责后台开发
任职要求：
1、本科及以上学历，3年以上经验
福利待遇：五险一金
公司简介
某公司成立于2010年
简历投递邮箱：hr@example.com
"""
WANTED = """
急聘：仓库管理员 2名
年龄：25-35岁
性别：女
学历：高中以上
薪资：6000-8000元/月
负责收货、发货和盘点
能吃苦耐劳，有经验者优先
联系电话：13800138000 张先生
"""
CARD = """
会计主管 10-15K
上海·浦东新区 3-5年 本科
职位描述
负责总账、成本核算和月末结账
熟悉金蝶
工作地址
上海浦东新区张江路88号
"""
LISTED = """
职位名称：电工
公司名称：上海启明信息技术有限公司
发布时间：2024-03-01
有效期：2024.03.01-2024.06.01
职位描述：
负责低压设备的日常巡检
任职资格：
持低压上岗证，1年以上维保经验
职位福利：五险一金、带薪年假
联系人：刘女士 电话 021-88888888
"""
CONTRACT = """
房屋租赁合同
甲方：王伟  电话：13800001111
乙方：李娜  电话：13900002222
第一条 房屋坐落于上海市
第二条 租期自2020年3月1日至2021年2月28日
违约责任
甲方签字： 乙方签字：
"""
INVOICE = """
增值税电子普通发票
发票代码：011001900111 发票号码：12345678
开票日期：2020年03月05日
购买方 名称：上海某某有限公司 纳税人识别号：91310000
货物名称 单价 税率 税额
价税合计（小写）100.00
"""
NOTICE = """
关于举办2024年春季运动会的通知
各部门：
为丰富员工生活，公司定于2024年4月举办运动会。
联系人：张伟 电话：13800001111
"""


@each(
    "text, reason",
    [
        (ADVERT, "job_advert"),
        (WANTED, "job_advert"),
        (CARD, "job_advert"),
        (LISTED, "job_advert"),
        (CONTRACT, "contract"),
        (INVOICE, "invoice"),
        (NOTICE, "no_resume"),
        ("你好", "empty"),
    ],
)
def test_what_is_no_resume_is_told_by_its_kind(text, reason):
    assert read_resume(document(text)) == reason


@pytest.mark.parametrize("quoted", [ADVERT, WANTED, CARD, LISTED, CONTRACT, INVOICE])
def test_a_resume_may_quote_anything(quoted):
    text = f"李红\n电话 13800138000\n2018.03-2020.05 上海启明信息技术有限公司 法务专员\n{quoted}"
    assert read(text).record["name"] == "李红"


def test_who_says_little_of_themselves_is_no_advert():
    text = "李红 女 28岁\n电话 13800138000\n本科，3年以上会计经验\n期望：会计 8-12K，上海，五险一金"
    assert read(text).record["name"] == "李红"


def test_a_recruiter_is_no_advert():
    text = """
王芳  招聘经理
手机 13800138000
工作经历
2018.03-至今 上海启明信息技术有限公司 招聘经理
岗位职责：
1、负责招聘Java工程师，发布任职要求
2、本科及以上学历的候选人优先
五险一金的办理
"""
    assert read(text).record["works"][0]["position_title"] == "招聘经理"
