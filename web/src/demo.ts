import { metaContent } from "./head";

/** The account that a demo server offers on its login page. Other servers offer none. */
interface Offer {
  username: string;
  password: string;
}

export function demoAccount(): Offer | null {
  const content = metaContent("demo-account");
  return content ? (JSON.parse(content) as Offer) : null;
}
