"""What sites let people choose from says one of four states, or none."""

from store.resumes.hunting_states import hunting_state
from tests.support import each


@each(
    "state, texts",
    [
        ("left", ["离职-随时到岗", "我目前处于离职状态，可立即上岗", "离职，正在找工作", "目前正在找工作"]),
        ("left", ["待业", "随时到岗", "Unemployed", "积极求职"]),
        ("open", ["在职-考虑机会", "在职-月内到岗", "我目前在职，正考虑换个新环境", "观望有好的机会再考虑"]),
        ("open", ["在职，看看新机会", "在职，急寻新工作", "对现有工作还算满意，如有更好的机会也可以考虑"]),
        ("closed", ["在职-暂不考虑", "我暂时不想找工作", "半年内无换工作的计划", "目前暂无跳槽打算"]),
        ("closed", ["在职，暂无跳槽打算", "没有跳槽的想法", "离职但暂不考虑"]),
        ("graduate", ["应届毕业生", "应届生，正在找工作", "在校学生", "我是应届毕业生"]),
        ("", ["", "面议", "其他"]),
    ],
)  # fmt: skip
def test_a_text_says_its_state(state, texts):
    assert {text: hunting_state(text) for text in texts} == dict.fromkeys(texts, state)
