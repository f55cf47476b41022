/** Starts the page behind `/#review=…`: that of somebody without an account, to whom people are handed over. */
import { ReviewPage } from "./page";
import "./review.css";

const device = matchMedia("(prefers-color-scheme: dark)");
const followDevice = () => (document.documentElement.dataset.theme = device.matches ? "dark" : "light");
followDevice();
device.addEventListener?.("change", followDevice);
// Another link, or the way back to the app: neither is of this page.
addEventListener("hashchange", () => location.reload());
void new ReviewPage(document.body, location.hash.slice("#review=".length)).open();
