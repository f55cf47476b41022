/** The components of Vant that the page uses, each with its style. */
import {
  Button,
  Cell,
  CellGroup,
  ConfigProvider,
  Dialog,
  Field,
  Form,
  Icon,
  List,
  NavBar,
  Popup,
  Progress,
  PullRefresh,
  Search,
  Skeleton,
  SwipeCell,
  Switch,
  Tabbar,
  TabbarItem,
} from "vant";
import "vant/es/button/style";
import "vant/es/cell/style";
import "vant/es/cell-group/style";
import "vant/es/config-provider/style";
import "vant/es/dialog/style";
import "vant/es/field/style";
import "vant/es/form/style";
import "vant/es/icon/style";
import "vant/es/list/style";
import "vant/es/nav-bar/style";
import "vant/es/popup/style";
import "vant/es/progress/style";
import "vant/es/pull-refresh/style";
import "vant/es/search/style";
import "vant/es/skeleton/style";
import "vant/es/swipe-cell/style";
import "vant/es/switch/style";
import "vant/es/tabbar/style";
import "vant/es/tabbar-item/style";
import type { App } from "vue";

const COMPONENTS = [
  Button,
  Cell,
  CellGroup,
  ConfigProvider,
  Dialog,
  Field,
  Form,
  Icon,
  List,
  NavBar,
  Popup,
  Progress,
  PullRefresh,
  Search,
  Skeleton,
  SwipeCell,
  Switch,
  Tabbar,
  TabbarItem,
];

export function useVant(app: App): void {
  COMPONENTS.forEach((component) => app.use(component));
}
