/**
 * The way back. Pages and components import this file, and only `main.ts` imports the router, which imports the pages.
 *
 *     const goBack = useGoBack();
 */
import { type RouteLocationNormalizedLoaded, useRouter } from "vue-router";

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

/** A function that goes back; from a page that was opened directly, it goes to the page above it. */
export function useGoBack(): () => void {
  const router = useRouter();
  return () => {
    if (history.state?.back) router.back();
    else void router.replace(above(router.currentRoute.value));
  };
}
