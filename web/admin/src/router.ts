import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";
import { say } from "../../src/stores/snack";
import LoginView from "./views/LoginView.vue";
import OverviewView from "./views/OverviewView.vue";
import { isAdmin, onSessionEnd, session } from "./session";

declare module "vue-router" {
  interface RouteMeta {
    title: string;
    /** What it is part of, in the bar at the side. */
    part?: string;
    /** Open while nobody is signed in. */
    isGate?: boolean;
    /** For admins alone: everything in it would be refused to others. */
    isForAdmins?: boolean;
  }
}

const routes: RouteRecordRaw[] = [
  { path: "/login", component: LoginView, meta: { title: "登录", isGate: true } },
  { path: "/", component: OverviewView, meta: { title: "概况", part: "/" } },
  {
    path: "/files",
    component: () => import("./views/FilesView.vue"),
    meta: { title: "导入简历文件", part: "/files", isForAdmins: true },
  },
  {
    path: "/tables",
    component: () => import("./views/TablesView.vue"),
    meta: { title: "导入表格", part: "/tables" },
  },
  {
    path: "/tables/:id",
    component: () => import("./views/TableView.vue"),
    props: true,
    meta: { title: "表格", part: "/tables" },
  },
  {
    path: "/sources",
    component: () => import("./views/SourcesView.vue"),
    meta: { title: "来源", part: "/sources" },
  },
  {
    path: "/quarantine",
    component: () => import("./views/QuarantineView.vue"),
    meta: { title: "隔离区", part: "/quarantine" },
  },
  {
    path: "/companies",
    component: () => import("./views/CompaniesView.vue"),
    meta: { title: "公司", part: "/companies" },
  },
  {
    path: "/companies/:id",
    component: () => import("./views/CompanyView.vue"),
    props: true,
    meta: { title: "公司", part: "/companies" },
  },
  {
    path: "/accounts",
    component: () => import("./views/AccountsView.vue"),
    meta: { title: "账号", part: "/accounts" },
  },
  {
    path: "/accounts/:id",
    component: () => import("./views/AccountView.vue"),
    props: true,
    meta: { title: "账号", part: "/accounts" },
  },
  {
    path: "/audit",
    component: () => import("./views/AuditView.vue"),
    meta: { title: "审计", part: "/audit" },
  },
  {
    path: "/person",
    component: () => import("./views/PersonView.vue"),
    meta: { title: "查人", part: "/person", isForAdmins: true },
  },
  { path: "/me", component: () => import("./views/MeView.vue"), meta: { title: "我的账号", part: "/me" } },
  {
    path: "/:rest(.*)",
    component: () => import("./views/NotFoundView.vue"),
    meta: { title: "没有这个页面" },
  },
];

export const router = createRouter({
  history: createWebHashHistory(),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

/** A path of the desk to come back to after signing in. */
export const nextOf = (value: unknown): string =>
  typeof value === "string" && /^\/(?!\/)/.test(value) ? value : "/";

router.beforeEach((to) => {
  if (to.meta.isGate) return session.token ? nextOf(to.query.next) : true;
  return session.token ? true : { path: "/login", query: to.path === "/" ? {} : { next: to.fullPath } };
});

/** What happens outside of navigations. */
export function watchRoutes(): void {
  // A view of a build that was replaced is no longer there.
  router.onError(() => say("这个页面没有打开：网页可能刚刚更新，请刷新后再试"));
  onSessionEnd(() => {
    const { meta, fullPath } = router.currentRoute.value;
    if (!meta.isGate) void router.replace({ path: "/login", query: { next: fullPath } });
  });
}

/** The parts of the desk that are offered to whoever is signed in. */
export const parts = (): { path: string; title: string }[] =>
  routes
    .filter(({ path, meta }) => meta?.part === path && (isAdmin.value || !meta.isForAdmins))
    .map(({ path, meta }) => ({ path, title: meta?.title ?? "" }));
