"""What `server.py --demo` shows: three feeds, a stream of made-up resumes, and a phone that is told of them.

>>> from config.demo import DEMO_FEEDS, demo_resumes
>>> [feed["title"] for feed in DEMO_FEEDS]
['Python开发工程师', '会计', '电商运营']
>>> next(demo_resumes(1))["source_id"]
'demo-0001'

Nobody in here exists: names are drawn by lot, phones start with digits no subscriber has,
e-mails end in example.com, and companies are two invented syllables with a trade behind them.
"""

from config.demo.feeds import DEMO_FEEDS
from config.demo.resumes import REFERENCE_DATE, demo_resumes

__all__ = ["DEMO_FEEDS", "REFERENCE_DATE", "demo_resumes"]
