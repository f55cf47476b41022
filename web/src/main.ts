/** Starts the page. Modules declare; what listens to the browser or to other parts begins here. */
import { createApp } from "vue";
import App from "./App.vue";
import { speakFor } from "./api/client";
import { openPagesLater } from "./chunks";
import { takeEarly } from "./early";
import { pressByKeys } from "./keyboard";
import { installLayers } from "./layers";
import { enterOnSessionStart, leaveOnSessionEnd, makeRouter } from "./router";
import { identity } from "./stores/session";
import { startStores } from "./stores/start";
import { useVant } from "./vant";
import "./styles/tokens.css";
import "./styles/base.css";

speakFor(identity, takeEarly());
pressByKeys(document);
startStores();
// The link of a hand-over has a page of its own.
addEventListener("hashchange", () => location.hash.startsWith("#review=") && location.reload());
const router = makeRouter();
openPagesLater(router);
leaveOnSessionEnd(router);
enterOnSessionStart(router);
const app = createApp(App);
useVant(app);
app.use(router);
installLayers(router);
app.mount("#app");
