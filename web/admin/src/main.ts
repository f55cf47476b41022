import { createApp } from "vue";
import App from "./App.vue";
import { speakFor } from "../../src/api/client";
import { followTheme } from "../../src/stores/theme";
import { router, watchRoutes } from "./router";
import { identity } from "./session";
import "../../src/styles/tokens.css";
import "../../src/styles/base.css";
import "./desk.css";

speakFor(identity);
followTheme();
watchRoutes();
createApp(App).use(router).mount("#app");
