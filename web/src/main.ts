import { createApp } from "vue";
import App from "./App.vue";
import { speakFor } from "./api/client";
import { pressByKeys } from "./keyboard";
import { leaveOnSessionEnd, router } from "./router";
import { keepLive } from "./stores/live";
import { identity } from "./stores/session";
import { useVant } from "./vant";
import "./styles/tokens.css";
import "./styles/base.css";

speakFor(identity);
pressByKeys(document);
leaveOnSessionEnd();
const app = createApp(App);
useVant(app);
app.use(router);
app.mount("#app");
keepLive();
