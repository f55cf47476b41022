"""The demo account's three feeds, as `POST /special_feed/submit_feed/` takes them.

Their trades lie far apart, so that a resume moves one badge at a time.
"""

from typing import Any, Final

DEMO_FEEDS: Final[tuple[dict[str, Any], ...]] = (
    {
        "title": "Python开发工程师",
        "keywords": "Python,Django,Tornado,MySQL,Redis,MongoDB,Celery,Linux",
        "skill_required": "熟悉Python和一种Web框架（Django、Flask或Tornado）；熟悉MySQL、Redis；了解Docker",
        "job_desc": "负责招聘平台后端接口的设计与开发\n"
        "用消息队列和异步任务处理大批量数据\n"
        "优化数据库查询与缓存，保证高并发下的稳定\n"
        "参与代码评审，编写单元测试",
        "salary_min": 15000,
        "salary_max": 30000,
        "talent_level": "中级,高级",
        "expect_area": "北京,上海",
        "company_prefer": [],
        "job_welfare": "五险一金,弹性工作",
        "job_domain": [],
        "categorys": [],
        "analyze_job_domain": [],
    },
    {
        "title": "会计",
        "keywords": "总账、纳税申报、成本核算、用友、金蝶、财务报表",
        "skill_required": "熟悉企业会计准则和增值税政策；熟练使用用友或金蝶；有初级以上会计职称",
        "job_desc": "负责凭证审核、总账处理与月末结账\n"
        "编制财务报表，完成增值税和所得税的纳税申报\n"
        "核算产品成本，定期盘点固定资产\n"
        "配合会计师事务所完成年度审计",
        "salary_min": 7000,
        "salary_max": 13000,
        "talent_level": "初级,中级",
        "expect_area": "杭州,上海",
        "company_prefer": [],
        "job_welfare": "五险一金,双休",
        "job_domain": [],
        "categorys": [],
        "analyze_job_domain": [],
    },
    {
        "title": "电商运营",
        "keywords": "天猫，淘宝，直通车，活动策划，数据分析，店铺运营",
        "skill_required": "独立运营过天猫或京东店铺；会用生意参谋分析数据；有直播带货经验更好",
        "job_desc": "负责天猫旗舰店的日常运营和商品规划\n"
        "策划618、双十一等大促活动\n"
        "管理直通车等付费推广，控制投入产出比\n"
        "分析流量与转化，提出改进方案",
        "salary_min": 8000,
        "salary_max": 16000,
        "talent_level": "初级,中级,高级",
        "expect_area": "杭州,广州",
        "company_prefer": [],
        "job_welfare": "五险一金,年终奖",
        "job_domain": [],
        "categorys": [],
        "analyze_job_domain": [],
    },
)
