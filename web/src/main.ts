/** Starts the page. Modules declare; what listens to the browser or to other parts begins here. */
import { createApp } from "vue";
import App from "./App.vue";
import { speakFor } from "./api/client";
import { reloadWhenChunksAreMissing } from "./chunks";
import { pressByKeys } from "./keyboard";
import { leaveOnSessionEnd, makeRouter } from "./router";
import { identity } from "./stores/session";
import { startStores } from "./stores/start";
import { useVant } from "./vant";
import "./styles/tokens.css";
import "./styles/base.css";

speakFor(identity);
pressByKeys(document);
reloadWhenChunksAreMissing();
startStores();
const router = makeRouter();
leaveOnSessionEnd(router);
const app = createApp(App);
useVant(app);
app.use(router);
app.mount("#app");
