/** What the API's words are called on the desk. */
import type { JobsView } from "./api/types";

export const OUTCOMES: Record<string, string> = {
  accepted: "新增",
  to_confirm: "新增，待确认",
  updated: "更新",
  duplicate: "重复",
  rejected: "未收",
};

/** How an outcome looks: good, worth a look, bad, or nothing new. */
export const LOOKS: Record<string, string> = {
  accepted: "good",
  updated: "good",
  to_confirm: "warn",
  rejected: "bad",
};

export const ROLES: Record<string, string> = { admin: "管理员", viewer: "只读" };

/** What a process does. */
export const PROCESS_ROLES: Record<string, string> = {
  web: "网页、接口与接收简历",
  engine: "评分、学习与通知",
};

/** Work for later. */
export const JOBS: Record<JobsView["kind"], string> = {
  backfill: "为职位找已有简历",
  activation: "激活邮件",
  invitation: "邀请邮件",
  reset: "重置密码邮件",
  registered: "重复注册邮件",
  join: "加入公司的邮件",
  notice: "通知",
  mention: "@同事的通知",
  deletion: "删除账号",
  merger: "合并公司",
  import: "导入表格",
  retention: "到期清理",
  rescoring: "全部重新评分",
  learning: "从简历学习",
  migration: "数据升级",
  app_token: "更新微信令牌",
};

export const STATES: Record<string, string> = {
  ok: "正常",
  degraded: "部分可用",
  unavailable: "不可用",
  missing: "没有安装",
  loading: "正在载入",
  draining: "正在停止",
  reading: "正在收信",
  failing: "出错",
  stopped: "已停止",
};

const GOOD = ["ok", "reading"];
const DOUBTFUL = ["degraded", "stopped", "missing", "loading", "draining"];
export const lookOfState = (state: string): string =>
  GOOD.includes(state) ? "good" : DOUBTFUL.includes(state) ? "warn" : "bad";

/** All that is wrong, in one line. */
export const wrongs = (errors: Record<string, readonly string[]>): string =>
  Object.values(errors)
    .reduce<string[]>((all, some) => [...all, ...some], [])
    .join("；");

/** A number as people read it; a dash where it is not known. */
export const count = (value: number | null | undefined): string =>
  typeof value === "number" ? value.toLocaleString("zh-CN") : "—";

export const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024
    ? `${Math.max(1, Math.round(bytes / 1024))} KB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

export const percent = (part: number): string => `${(part * 100).toFixed(part && part < 0.1 ? 1 : 0)}%`;

/** What a row of the audit tells of. */
const ACTIONS: Record<string, string> = {
  unlock: "解锁联系方式",
  list: "列表里看到联系方式",
  search: "搜索联系方式",
  export: "导出联系方式",
  original: "打开原件",
  view: "查看简历",
  export_list: "导出列表",
  handover: "转给别人看",
  review: "转出的链接被打开",
  verdict: "转出的人有了意见",
  erase: "彻底删除简历",
  operator: "运营操作",
};
export const actionName = (action: string): string => ACTIONS[action] ?? action;

/** What an operator did at the desk, by the words of the audit. */
const COMMANDS: Record<string, string> = {
  "desk files": "导入简历文件",
  "desk tables upload": "上传表格",
  "desk tables": "看表格的内容",
  "desk tables preview": "试读表格",
  "desk tables import": "导入表格",
  "desk tables restart": "重新导入表格",
  "desk tables rejected.csv": "下载未收的行",
  "desk tables drop": "删除表格",
  "desk tokens make": "新建令牌",
  "desk tokens revoke": "停用令牌",
  "desk quarantine resumes": "看被隔离的简历",
  "desk quarantine resumes retry": "重试被隔离的简历",
  "desk quarantine resumes drop": "删除被隔离的简历",
  "desk quarantine files retry": "重试没收下的文件",
  "desk quarantine files drop": "删除没收下的文件",
  "desk quarantine files content": "下载没收下的文件",
  "desk accounts invite": "邀请账号",
  "desk accounts reset": "重置密码",
  "desk accounts disable": "停用账号",
  "desk accounts enable": "启用账号",
  "desk accounts end_sessions": "结束登录",
  "desk accounts limits": "改额度",
  "desk audit check": "核对审计",
  "desk resumes": "看简历",
  "desk person find": "查人",
  "desk person export": "导出一个人",
  "desk person erase": "删除一个人",
};
/** The same in words; nothing where it was done in the shell. */
export const commandName = (command: string): string | undefined => COMMANDS[command];

export const TABLE_STATES: Record<string, string> = {
  new: "还没有导入",
  importing: "导入中",
  done: "已导入",
};
