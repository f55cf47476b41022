"""Why a file gets no place, in words for its sender: what is wrong with it, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from intake.files.outcome import Reason

Refusal = Reason | Literal["invalid"]
"""`invalid` is a resume that was read, and cannot be taken as `POST /resumes/` takes one."""

REASONS: Mapping[Refusal, str] = {
    "encrypted": "文件已加密，请去掉密码后重新发送",
    "corrupt": "文件已损坏或不完整，请重新导出后发送",
    "empty": "文件没有内容，请检查后重新发送",
    "too_large": "文件超过 10 MiB，或展开后内容过多，请压缩图片或只保留简历部分后重新发送",
    "too_many_pages": "文件超过 30 页，请只保留简历部分后重新发送",
    "too_slow": "文件无法在限定时间内读完，请另存为 PDF 或 DOCX 后重新发送",
    "too_deep": "邮件里的邮件超过三层，请把简历作为附件直接发送",
    "unknown_kind": "不支持这种文件，请转为 PDF、DOCX、HTML 或文本后重新发送",
    "no_text": "文件是扫描件或图片，读不到文字，请发送文字版，或请管理员安装文字识别（OCR）",
    "job_advert": "这是招聘信息，不是简历，请发送候选人的简历",
    "contract": "这是合同或协议，不是简历，请发送候选人的简历",
    "invoice": "这是发票或单据，不是简历，请发送候选人的简历",
    "no_resume": "没有读到简历内容，请确认文件是简历，或改用 PDF、DOCX 重新发送",
    "invalid": "读到的简历有字段超出限制，请改用 JSON 导入，或修改文件后重新发送",
}

REFUSED: Mapping[str, str] = {
    **{reason: text.partition("，请")[0] for reason, text in REASONS.items()},
    "invalid": "字段有误",
    "too_large": "过大：一行超过 1 MiB，或文件超过 10 MiB",
    "erased": "此人的信息已被删除，不再接收",
    "feed": "指定的职位不存在",
    "foreign": "导入口令不属于这个来源",
}
"""What was refused, in words for operators: files, lines of an upload, and rows of a table alike."""
