/**
 * The way back. Pages and components import this file, and only `main.ts` imports the router, which imports the pages.
 *
 *     const goBack = useGoBack();
 */
import { type RouteLocationNormalized, type RouteLocationNormalizedLoaded, useRouter } from "vue-router";
import { useIsHere } from "./here";
import { settled } from "./layers";

declare module "vue-router" {
  interface RouteMeta {
    title: string;
    /** Login and register: open only while nobody is logged in. */
    isGate?: boolean;
    /** Open whether somebody is logged in or not. */
    isOpen?: boolean;
    /** One of the main pages, which have a bar to switch between them. */
    isMain?: boolean;
    /** Where "back" leads when the page was opened directly. */
    up?: string;
  }
}

/** The page above a page. */
const above = ({ meta, params }: RouteLocationNormalizedLoaded): string =>
  (meta.up ?? "/").replace(":feedId", String(params.feedId));

/** What names the page of an address: one for a feed's list and for all resumes that are opened in it. */
export const pageOf = ({ matched, params, path }: RouteLocationNormalized): string =>
  matched.length > 1 ? `/feeds/${String(params.feedId)}` : path;

/**
 * A function that goes back; from a page that was opened directly, it goes to the page above it. It does nothing once the
 * page has been left in another way.
 */
export function useGoBack(): () => Promise<void> {
  const router = useRouter();
  const isHere = useIsHere();
  return async () => {
    await settled(); // a sheet that is just closed has an entry of the history
    if (!isHere()) return;
    if (history.state?.back) router.back();
    else void router.replace(above(router.currentRoute.value));
  };
}
