/** The company that somebody of WeCom may join, as the login by WeChat said; "" for none. */
import { reactive } from "vue";

export const corporation = reactive({ company: "" });
