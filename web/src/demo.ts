/** The account that a demo server offers on its login page. Other servers offer none. */
interface Offer {
  username: string;
  password: string;
}

export function demoAccount(): Offer | null {
  const content = document.querySelector<HTMLMetaElement>('meta[name="demo-account"]')?.content;
  return content ? (JSON.parse(content) as Offer) : null;
}
