import { createApp } from "vue";
import App from "./App.vue";
import { pressByKeys } from "./keyboard";
import { installLayers } from "./layers";
import { leaveOnSessionEnd, router } from "./router";
import { keepLive } from "./stores/live";
import { useVant } from "./vant";
import "./styles/tokens.css";
import "./styles/base.css";

pressByKeys(document);
leaveOnSessionEnd();
const app = createApp(App);
useVant(app);
app.use(router);
installLayers(router);
app.mount("#app");
keepLive();
