"""The words of postings: headings of their parts, labels before a value, and the noise of pages around them.

Patterns match a key: simplified characters in lower case, without blanks and decoration.
"""

from __future__ import annotations

import re
from typing import Literal

Part = Literal["head", "body", "duties", "wants", "benefits", "company", "place", "tags", "left out"]
"""What a part of a posting is about; `head` is what stands before any heading, `body` says everything."""

_ABOUT = "(?:岗位|职位|工作|职务|招聘|任职|应聘|基本|你的|我们|具体|核心|主要的?|本?岗|日常)*"


def _whole(text: str) -> re.Pattern[str]:
    """A pattern that is tried at the beginning alone, so that no repeat is gone through at each place."""
    return re.compile(rf"\A(?:{text})\Z")


HEADINGS: dict[Part, re.Pattern[str]] = {
    "duties": _whole(
        rf"{_ABOUT}(?:职责|责任|工作内容|内容|任务|职能)(?:描述|说明|概述|范围)?"
        r"|(?:你|您)?(?:将|需要?|要)(?:负责|做)(?:的|什么|的事|的工作)*|工作描述|你要做的事?|做什么|我们期待你来做"
        r"|(?:key|main|job|core|your|primary|essential)*(?:responsibilit(?:y|ies)|duties|role)(?:&?(?:and)?duties)?"
        r"|whatyou(?:will|'ll|’ll)(?:do|bedoing)|theroles?|dutiesandresponsibilities|rolesandresponsibilities"
    ),
    "wants": _whole(
        rf"{_ABOUT}(?:要求|资格|条件|标准|门槛)(?:描述|说明|要求|条件)?|(?:能力|技能|技术|专业|经验|素质|必备|硬性)+(?:要求|条件|技能)"
        r"|我?们?(?:希望|期望|期待|需要)(?:的|你|您|你是|你有|你具备|您具备)+|(?:你|您)(?:需要)?(?:具备|拥有)(?:的|什么)*|对你的(?:要求|期望)"
        r"|(?:加分|优先)(?:项|条件|考虑)*|有以下(?:经验|条件)(?:者)?优先|岗位画像|人才画像|候选人要求"
        r"|(?:job|key|minimum|basic|preferred|desired|your|essential|other)*(?:requirements?|qualifications?|skills(?:and(?:experience|qualifications))?)"
        r"|whatwe(?:'re|’re|are)?(?:lookfor|lookingfor|need)|whoyouare|aboutyou|nicetohave|(?:bonus|plus)points?"
        r"|qualificationsandrequirements|requirementsandqualifications|experienceandqualifications"
    ),
    "benefits": _whole(
        r"(?:公司|薪资|薪酬|员工|岗位|工作|职位|我们的?|薪水)*(?:福利|待遇|薪酬福利|福利待遇|工资待遇)(?:待遇|体系|保障|说明|标签)?"
        r"|(?:我们|公司|你将)(?:能?为?(?:你|您)?)?(?:提供|获得|得到|收获)(?:的|什么|您|你)*|(?:公司)?为(?:你|您)提供|薪资(?:范围|构成|结构|架构|体系|组成|及福利)"
        r"|薪酬(?:范围|构成|结构|体系|组成|及福利)|工作时间|上班时间|作息时间|晋升(?:机制|通道|空间|发展)|职业发展"
        r"|(?:employee|our|perksand|compensation(?:and|&))*(?:benefits?|perks)(?:(?:and|&)perks)?|whatweoffer|weoffer|compensation"
    ),
    "company": _whole(
        r"(?:公司|企业|集团|团队|单位|项目|部门|产品)(?:简介|介绍|信息|概况|背景|名称|亮点|优势|文化|规模)|关于我们|我们是谁|工商信息"
        r"|about(?:us|thecompany|theteam|ourcompany)|company(?:profile|overview|description|introduction)|whoweare|公司基本信息"
    ),
    "place": _whole(
        r"(?:工作|上班|办公|公司|职位|面试|单位|岗位)(?:地址|地点|地区|城市|区域|所在地)|地址|(?:job|work)?(?:location|address)s?"
    ),
    "tags": _whole(r"(?:职位|岗位|技能|职能)?(?:关键词|关键字|标签)|技能标签|keywords"),
    "body": _whole(
        r"(?:职位|岗位|工作|招聘|职务)(?:描述|信息|详情|介绍|说明|概述|简介|详细|内容描述)|(?:job|position|role)(?:description|summary|overview|details)|岗位职责(?:与|及|和|/|&)(?:任职)?要求|overview|aboutthe(?:job|role|position)"
    ),
    "left out": _whole(
        r"(?:联系|应聘|投递|报名|面试|简历投递|招聘)(?:方式|流程|渠道|邮箱|须知|信息|人|时间|安排)|温馨提示|特别提(?:示|醒)|安全提示|求职安全|备注|其他(?:信息|说明)?|职能类别"
        r"|(?:how)?(?:to)?apply|contact(?:us)?|applicationprocess|招聘者|职位发布者|hr信息|看准点评|公司环境|竞争力分析"
    ),
}

LABELS: dict[str, re.Pattern[str]] = {
    "title": _whole(
        r"(?:招聘|应聘|岗位|职位|职务|需求|空缺)(?:名称|职位|岗位|名)|(?:招聘)?(?:职位|岗位|职务)[一二三四五六1-6]?|招聘(?:需求|对象|人员)|诚聘(?:英才)?|急聘|急招|高薪诚聘|招聘|招贤纳士"
        r"|(?:job|position|role)(?:title|name)?|title|vacancy|opening"
    ),
    "pay": _whole(
        r"(?:基本|岗位|税前|税后|综合|每月|职位|参考|平均|试用期?|转正)*(?:薪资|薪酬|薪水|月薪|年薪|工资|待遇|底薪|日薪|时薪|报酬)(?:范围|待遇|水平|福利|标准|区间|情况|构成)*"
        r"|(?:monthly|annual|base|gross)*(?:salary|pay|compensation)(?:range|package)?"
    ),
    "place": _whole(
        r"(?:工作|上班|办公|职位|岗位|公司|办公室)*(?:地点|地址|城市|地区|区域|所在地|工作地)|base|坐标|(?:work|job)?(?:location|address|city)|basedin"
    ),
    "degree": _whole(
        r"(?:最低|学历|文化|教育)*(?:学历|程度|学位)(?:要求)?|(?:education|degree)(?:level|requirements?)?"
    ),
    "years": _whole(
        r"(?:工作|相关|从业|行业)*(?:经验|年限|工龄)(?:要求)?|工作年限要求|(?:work|years of)?experience"
    ),
    "industry": _whole(r"(?:所属|公司|行业)?(?:行业|领域)(?:类别|领域)?|industry"),
    "tags": _whole(r"(?:职位|岗位|技能)?(?:关键词|关键字|标签)|技能(?:标签|栈)|技术栈|keywords"),
    "company": _whole(r"(?:公司|企业|单位|用人单位|招聘单位)(?:名称|全称|简称)?|company(?:name)?|employer"),
    "left out": _whole(
        r"(?:招聘|招收|需求)?人数|(?:工作|职位|岗位|招聘)(?:性质|类型|类别)|职能(?:类别)?|职位类别|所属部门|部门|汇报(?:对象|关系)?|性别|年龄(?:要求)?|语言(?:要求)?|专业(?:要求)?"
        r"|(?:发布|更新|截止|到岗|有效)(?:时间|日期)|联系(?:人|电话|方式)|(?:手机|电话|微信|邮箱|简历|邮件)(?:号|号码|投递|地址)?|公司(?:性质|规模|行业|网址|官网)|hr|e?-?mail|tel|department|headcount|employmenttype|jobtype"
    ),
}

NOISE = re.compile(
    r"全职|兼职|实习|不限|招?(?:若干|\d{1,3})人|.{2,20}[·•](?:招聘|人事|hr|hrbp|猎头|总监|经理|主管|专员|ceo|创始人).{0,8}|首页|职位|公司|登录|注册|登录/?注册|我要(?:找工作|招聘|求职)|(?:立即|马上)?(?:沟通|投递|申请|联系|应聘)(?:职位)?|(?:继续|开始)沟通|感兴趣|(?:取消)?收藏(?:职位)?|分享(?:职位)?|举报(?:职位|该职位|公司)?"
    r"|投递简历|上传(?:附件)?简历|(?:完善|填写|创建)(?:在线)?简历|消息|app|app下载|下载app|扫码.{0,12}|微信扫.{0,12}|(?:查看|展开|收起|更多|查看更多|展开全部|查看全部|查看地图|查看更多信息)|点击.{0,14}"
    r"|招聘中|最新|热招|急聘|急招|在线|刚刚(?:活跃|在线)|\d*[今昨本近]?[日周月天]内?活跃|(?:近?半年|本周|本月|今日)活跃|.{1,4}(?:先生|女士|小姐)|(?:校园|海外|有了|小程序|资讯|校招|社招|推荐|搜索|附近|我的)"
    r"|返回.{0,6}|上一页|下一页|来自.{2,12}|更新于.{4,20}|发布于.{4,20}|\d{1,2}[-月/]\d{1,2}日?(?:发布|更新)|浏览.{0,10}\d+.{0,3}|boss直聘|前程无忧|智联招聘|猎聘|拉勾|zhipin|51job"
    r"|(?:boss|hr)?(?:刚刚|\d+(?:分钟|小时|天)前?)(?:回复|活跃|处理)?|关注(?:公司)?|职位详情|举报|微信|朋友圈|qq|复制链接|打印|高德地图|百度地图|导航|简历(?:处理|回复)率.{0,8}|与?(?:boss|hr)随时沟通|看过"
)
"""Whole lines of the pages around a posting."""

FOOTER = re.compile(
    r"(?:相似|推荐|相关|更多|热门|猜你喜欢的?|其他|该公司的?|公司其他|同类|精选|最新|你可能感兴趣的?|为你推荐的?)(?:职位|岗位|工作|招聘|公司)(?:推荐)?|看过该?(?:职位|岗位)的人.{0,12}|猜你喜欢|(?:该|本)?公司(?:的)?其他(?:职位|岗位)"
    r"|(?:查看)?(?:全部|所有)(?:在招)?职位.{0,8}|在招职位.{0,8}|similarjobs?|recommendedjobs?|youmayalsolike|peoplealsoviewed|企业服务热线.{0,40}|.{0,30}(?:icp[备证]|公安备|版权所有|copyright|©).{0,100}"
    r"|boss安全提示.{0,100}|求职安全提示.{0,100}|.{0,20}用户协议.{0,6}隐私政策.{0,20}"
)
"""A line with which a page goes on to other things."""

BENEFITS: tuple[tuple[str, str], ...] = (
    ("五险一金", r"[五5]险一金|[五5]险1金|(?:缴纳|购买|享有)?社保.{0,2}公积金"),
    ("六险一金", r"[六6]险[一二1]金|[七7]险一金"),
    (
        "双休",
        r"(?<![单非无小])双休(?!轮)|做五休二|五天工作制|每周五天|5天8小时|(?:上|做)5休2|two-dayweekend|five-dayworkweek",
    ),
    ("不加班", r"不加班|无加班|从不加班|拒绝加班"),
    ("不打卡", r"不打卡|无需打卡|免打卡"),
    ("弹性工作", r"弹性(?:工作|上下班|办公|打卡|时间)|flexible(?:working)?(?:hours|time)"),
    ("带薪年假", r"带薪(?:年休?|休)假|年假|paid(?:annual)?(?:leave|vacation)|annualleave"),
    ("年终奖", r"年终(?:奖|分红|双薪奖)|annualbonus|year-endbonus"),
    ("绩效奖金", r"绩效(?:奖金?|工资)|季度奖|performancebonus"),
    ("全勤奖", r"全勤(?:奖|补)"),
    ("股票期权", r"股票期权|期权|股权激励|股票|stockoptions?|equity|rsu"),
    ("定期体检", r"(?:定期|年度|免费|带薪|员工)体检|体检|healthcheck"),
    ("补充医疗保险", r"(?:补充|商业)医疗(?:保险|险)?|商业保险|medicalinsurance|healthinsurance"),
    ("补充公积金", r"补充公积金"),
    ("餐饮补贴", r"(?:餐饮|用餐|午餐|伙食|餐费|工作餐)(?:补贴|补助|补)|餐补|饭补|餐贴|mealallowance"),
    ("免费三餐", r"免费三餐|三餐免费|(?:包|提供|管)(?:一日)?三餐|免费(?:早|午|晚)餐"),
    ("包吃", r"包吃|管吃|包食"),
    ("包住", r"(?:包吃|管吃|包食)?[包管](?:吃)?住|提供(?:免费)?(?:住宿|宿舍)|免费住宿"),
    ("交通补贴", r"交通补(?:贴|助)|交补|车补|通勤补贴|transportallowance"),
    ("班车接送", r"班车|厂车接送|shuttlebus"),
    ("住房补贴", r"住房补(?:贴|助)|房补|租房补贴|住宿补贴"),
    ("通讯补贴", r"(?:通讯|话费|电话)补(?:贴|助)|话补"),
    ("高温补贴", r"高温(?:补贴|津贴|费)"),
    ("加班补助", r"加班(?:补助|补贴|费)"),
    ("节日福利", r"(?:节日|节假日|过节|逢年过节)(?:福利|礼品|礼金|费|慰问)+"),
    ("生日福利", r"生日(?:福利|礼[物金品]|会|蛋糕|派对)"),
    ("员工旅游", r"(?:员工|公司|年度|团队|免费|国内外|定期|出国|境外|带薪|组织|国内|一次|每年)旅游"),
    ("团建活动", r"团建|团队建设|teambuilding"),
    ("下午茶", r"下午茶"),
    ("零食饮料", r"零食|freesnacks"),
    ("健身设施", r"健身(?:房|设施|卡)|gym"),
    ("远程办公", r"远程办公|居家办公|remotework|workfromhome|workremotely"),
    ("带薪病假", r"带薪病假|全薪病假|paidsickleave"),
    ("带薪产假", r"(?:带薪)?产假"),
    ("陪产假", r"陪产假"),
    ("法定节假日", r"法定(?:节假日|假日|节日|假期)|国家法定"),
    ("晋升空间", r"晋升(?:空间|通道|机会|渠道)"),
    ("培训机会", r"(?:带薪|专业|岗前|入职|技能|免费|完善的)培训|培训机会"),
    ("扁平管理", r"扁平(?:化)?管理"),
    ("项目奖金", r"项目奖(?:金)?"),
    ("落户支持", r"落户|户口指标"),
    ("朝九晚五", r"朝九晚五"),
    ("夜班补助", r"夜班(?:补助|补贴|津贴)"),
    ("工龄奖", r"工龄(?:奖|工资|补贴)"),
    ("年底双薪", r"年底双薪|13薪|十三薪"),
    ("意外险", r"意外(?:险|保险)"),
    ("出差补贴", r"(?:出差|差旅)补(?:贴|助)|差补"),
    ("育儿假", r"育儿假"),
    ("推荐奖金", r"(?:内推|推荐)奖(?:金|励)?"),
    ("无试用期", r"无试用期"),
    ("试用期全薪", r"试用期(?:全薪|全额工资|工资不打折|不打折|100%)"),
)
"""Benefits of the form's list, and how postings say them."""
