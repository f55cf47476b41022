import { createRouter, createWebHashHistory, type Router, type RouteRecordRaw } from "vue-router";
import { watch } from "vue";
import FeedsView from "./views/FeedsView.vue";
import LoginView from "./views/LoginView.vue";
import { pageOf } from "./navigation";
import { onSessionEnd, session } from "./stores/session";

/** The first load has the login, the feeds and a feed's results. Every other page is loaded when it is opened. */
const routes: RouteRecordRaw[] = [
  { path: "/login", component: LoginView, meta: { title: "登录", isGate: true } },
  {
    path: "/register",
    component: () => import("./views/RegisterView.vue"),
    meta: { title: "注册", isGate: true },
  },
  {
    path: "/activate",
    component: () => import("./views/ActivateView.vue"),
    meta: { title: "激活账号", isGate: true },
  },
  {
    path: "/forgot",
    component: () => import("./views/ForgotView.vue"),
    meta: { title: "忘记密码", isGate: true },
  },
  {
    path: "/reset=:token",
    component: () => import("./views/ResetView.vue"),
    props: true,
    meta: { title: "设置新密码", isOpen: true },
  },
  {
    path: "/join=:token",
    component: () => import("./views/JoinView.vue"),
    props: true,
    meta: { title: "加入公司", isOpen: true },
  },
  {
    path: "/exchange=:rest(.*)",
    component: () => import("./views/ExchangeView.vue"),
    meta: { title: "微信登录", isOpen: true },
  },
  { path: "/", component: FeedsView, meta: { title: "职位", isMain: true } },
  {
    path: "/marked",
    component: () => import("./views/MarkedView.vue"),
    meta: { title: "跟进", isMain: true },
  },
  {
    path: "/queue",
    component: () => import("./views/QueueView.vue"),
    meta: { title: "处理新简历" },
  },
  {
    path: "/feeds/:feedId/queue",
    component: () => import("./views/QueueView.vue"),
    props: true,
    meta: { title: "处理新简历", up: "/feeds/:feedId" },
  },
  {
    path: "/funnel",
    component: () => import("./views/FunnelView.vue"),
    meta: { title: "招聘漏斗", up: "/marked" },
  },
  {
    path: "/search",
    component: () => import("./views/SearchView.vue"),
    meta: { title: "搜索", isMain: true },
  },
  {
    path: "/favourites",
    component: () => import("./views/FavouritesView.vue"),
    meta: { title: "收藏", isMain: true },
  },
  { path: "/me", component: () => import("./views/AccountView.vue"), meta: { title: "我的", isMain: true } },
  {
    path: "/me/profile",
    component: () => import("./views/ProfileView.vue"),
    meta: { title: "个人资料", up: "/me" },
  },
  {
    path: "/me/team",
    component: () => import("./views/TeamView.vue"),
    meta: { title: "团队", up: "/me" },
  },
  {
    path: "/me/team/feeds",
    component: () => import("./views/TeamFeedsView.vue"),
    meta: { title: "同事的职位", up: "/me/team" },
  },
  {
    path: "/me/team/work",
    component: () => import("./views/TeamWorkView.vue"),
    meta: { title: "团队工作", up: "/me/team" },
  },
  {
    path: "/me/team/audit",
    component: () => import("./views/TeamAuditView.vue"),
    meta: { title: "操作记录", up: "/me/team" },
  },
  {
    path: "/me/password",
    component: () => import("./views/PasswordView.vue"),
    meta: { title: "修改密码", up: "/me" },
  },
  {
    path: "/me/notices",
    component: () => import("./views/NoticesView.vue"),
    meta: { title: "提醒", up: "/me" },
  },
  {
    path: "/me/ways",
    component: () => import("./views/WaysView.vue"),
    meta: { title: "登录方式", up: "/me" },
  },
  {
    path: "/me/sessions",
    component: () => import("./views/SessionsView.vue"),
    meta: { title: "登录设备", up: "/me" },
  },
  {
    path: "/feeds/new",
    component: () => import("./views/EditorView.vue"),
    // A copy names the feed that it begins as.
    props: ({ query }) => ({
      copyOf: query.copy ? String(query.copy) : undefined,
      hasExample: "example" in query,
    }),
    meta: { title: "新建职位" },
  },
  {
    path: "/feeds/:feedId",
    component: () => import("./views/InboxView.vue"),
    props: true,
    meta: { title: "推荐简历" },
    children: [
      {
        path: "resumes/:resumeId",
        component: () => import("./views/ResumeView.vue"),
        props: true,
        meta: { title: "简历", up: "/feeds/:feedId" },
      },
    ],
  },
  {
    path: "/feeds/:feedId/handovers",
    component: () => import("./views/HandoversView.vue"),
    props: true,
    meta: { title: "转出的链接", up: "/feeds/:feedId" },
  },
  {
    path: "/feeds/:feedId/edit",
    component: () => import("./views/EditorView.vue"),
    props: true,
    meta: { title: "编辑职位" },
  },
  {
    path: "/feeds/:feedId/statistics",
    component: () => import("./views/StatisticsView.vue"),
    props: true,
    meta: { title: "统计", up: "/feeds/:feedId" },
  },
  {
    path: "/:name(terms)",
    component: () => import("./views/LegalView.vue"),
    props: true,
    meta: { title: "用户协议", isOpen: true },
  },
  {
    path: "/:name(privacy)",
    component: () => import("./views/LegalView.vue"),
    props: true,
    meta: { title: "隐私政策", isOpen: true },
  },
  {
    path: "/:rest(.*)*",
    component: () => import("./views/MissingView.vue"),
    meta: { title: "没有这个页面", isOpen: true },
  },
];

export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHashHistory(),
    routes,
    // Within a page, the page itself knows what stays in sight; Back that closes a sheet is within one too.
    scrollBehavior: (to, from, saved) => (pageOf(to) === pageOf(from) ? false : (saved ?? { top: 0 })),
  });
  router.beforeEach((to) => {
    if (to.meta.isOpen) return;
    if (!session.token && !to.meta.isGate) {
      return { path: "/login", query: to.fullPath === "/" ? {} : { to: to.fullPath }, replace: true };
    }
    if (session.token && to.meta.isGate) return String(to.query.to ?? "/");
  });
  return router;
}

/** Whoever logs in in another window need not do so here. */
export function enterOnSessionStart(router: Router): void {
  watch(
    () => session.token,
    (token) => {
      const { meta, query } = router.currentRoute.value;
      if (token && meta.isGate) void router.replace(String(query.to ?? "/"));
    },
  );
}

/**
 * A session that ended leads to the login page, and the next login back to where it ended. After a logout on purpose
 * the next login begins at the feeds.
 */
export function leaveOnSessionEnd(router: Router): void {
  onSessionEnd(() => {
    const { fullPath, meta } = router.currentRoute.value;
    const query = session.notice && fullPath !== "/" ? { to: fullPath } : {};
    if (!meta.isGate && !meta.isOpen) void router.replace({ path: "/login", query });
  });
}
