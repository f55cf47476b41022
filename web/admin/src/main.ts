import { createApp } from "vue";
import App from "./App.vue";
import { router, watchRoutes } from "./router";
import "../../src/styles/tokens.css";
import "../../src/styles/base.css";
import "./desk.css";

watchRoutes();
createApp(App).use(router).mount("#app");
